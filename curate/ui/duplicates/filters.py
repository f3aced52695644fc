"""The choice of the distance at which pictures count as duplicates, and of the groups shown; the URL holds both."""

import streamlit as st

from curate.catalog import duplicates, quality, versions
from curate.catalog.duplicates import ACROSS_LABELS, ACROSS_SPLITS, WITHIN
from curate.catalog.projects import ProjectSummary
from curate.jobs import follow_ups
from curate.quality.groups import LEVELS, USUAL
from curate.quality.issues import BITS
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, jobs_panel, query_params

DISTANCE, WHICH, PAGE = "distance", "which", "page"  # in the address
OPEN, DECIDED = "open", "decided"
_SHOWN = {OPEN: "To decide", DECIDED: "Decided"}
_RANKS = {
    0: "across labels and splits",
    ACROSS_LABELS: "across labels",
    ACROSS_SPLITS: "across splits",
    WITHIN: "within one label and split",
}


def look_again(project: ProjectSummary) -> None:
    """Start a job for new or changed pictures; returns the one that brings the page up to date.

    A failed or cancelled job is not restarted automatically, unless there is a newer version.
    """
    if not quality.is_behind(project.id):
        return
    job = follow_ups.open_quality_job(project.id)
    if job is None:
        last = jobs_panel.last_ended(project.id, (follow_ups.QUALITY,))
        changed_at = versions.find_version(project.id, project.version_number).created_at
        if last and last.status != "done" and last.created_at > changed_at:
            st.caption("The pictures or labels changed; what is below is not up to date.")
            jobs_panel.show_failure(last, "duplicates")
            return
        with guards.shown_errors():
            follow_ups.ensure_quality(project.id, identity.reviewer())
            st.rerun()  # the panels stand above: they show the new job, and run the page again when it ends
        return
    if quality.state(project.id).version_id is None:
        st.info("The pictures are being compared for the first time; duplicates appear here when that is done.")
    else:
        title = formatting.plain(job.title, 80)
        st.caption(f"The pictures or labels changed; the job “{title}” brings what is below up to date.")


def choose_distance(project: ProjectSummary) -> tuple[int, str]:
    """Show both choices; returns the distance in bits, and whether open or decided groups are wanted."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        distance = _ask_distance()
        which = _ask_which(project, distance)
    if which == OPEN:
        _say_ranks(project, distance)
    return distance, which


def _ask_distance() -> int:
    st.select_slider(
        "How alike",
        list(LEVELS),
        format_func=lambda level: LEVELS[level],
        key="duplicate_distance",
        on_change=query_params.bind(
            "duplicate_distance", DISTANCE, query_params.read_option(DISTANCE, LEVELS, USUAL), (PAGE,)
        ),
        width=420,
        help=f"Each picture has a fingerprint of {BITS} bits. From left to right: the very same pixels, then at most "
        f"{', '.join(str(level) for level in LEVELS if level)} bits that differ. Ordinary copies differ in up to 20, "
        "different photos in 50 and more; simple drawings come nearer to each other.",
    )
    return int(st.session_state["duplicate_distance"])


def _ask_which(project: ProjectSummary, distance: int) -> str:
    counts = {
        OPEN: sum(duplicates.count_groups(project.id, distance).values()),
        DECIDED: sum(duplicates.count_groups(project.id, distance, is_settled=True).values()),
    }
    st.segmented_control(
        "Groups",
        list(_SHOWN),
        format_func=lambda which: f"{_SHOWN[which]} ({counts[which]:,})",
        key="duplicate_which",
        required=True,
        on_change=query_params.bind("duplicate_which", WHICH, query_params.read_option(WHICH, _SHOWN, OPEN), (PAGE,)),
        label_visibility="collapsed",
    )
    return str(st.session_state["duplicate_which"])


def _say_ranks(project: ProjectSummary, distance: int) -> None:
    counts = duplicates.count_groups(project.id, distance)
    if sum(counts.values()):
        parts = [
            f"{formatting.counted(counts[rank], 'group')} {what}" for rank, what in _RANKS.items() if counts.get(rank)
        ]
        st.caption(" · ".join(parts))
