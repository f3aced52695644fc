"""Keep the best of many groups at once, after a preview of what that would do."""

import streamlit as st

from curate.catalog import duplicates, images, projects
from curate.catalog.projects import ProjectSummary
from curate.quality.groups import LEVELS
from curate.review.deciding import duplicates as review
from curate.review.deciding.duplicates import MOST_AT_ONCE, Bulk
from curate.ui.duplicates import groups, last_done
from curate.ui.rendering import formatting, html
from curate.ui.shell import guards, identity

EXAMPLES = 6
EXAMPLE_PX = 56
_PREVIEW = "bulk_preview"


def show_bulk(project: ProjectSummary, distance: int) -> None:
    """Show the button that opens the preview."""
    n_open = sum(duplicates.count_groups(project.id, distance).values())
    if n_open > 1 and st.button(
        f"Keep the best of all {n_open:,} …", key="bulk", icon=":material/auto_awesome_motion:"
    ):
        st.session_state.pop(_PREVIEW, None)
        _open(project, distance)


@st.dialog("Keep the best of each group", width="large")
def _open(project: ProjectSummary, distance: int) -> None:
    st.markdown(
        f"Of every open group of pictures that are **{LEVELS[distance]}** the largest is kept, of equally large ones "
        "the sharpest. The others wait to be deleted until you apply your decisions."
    )
    across = st.toggle(
        "Also groups across labels",
        key="bulk_across",
        help="The size of a picture does not say which label is right: better decide on these one by one.",
    )
    bulk = review.preview_best(project.id, distance, across)
    _show_bulk(project, bulk)
    if not bulk.groups:
        return
    if st.button(f"Mark {formatting.counted(bulk.n_delete, 'picture')} to be deleted", key="bulk_now", type="primary"):
        with guards.shown_errors():
            review.keep_best(project.id, bulk, identity.reviewer())
            last_done.remember_bulk(project, bulk)
            groups.start_over()
            st.rerun()


def _show_bulk(project: ProjectSummary, bulk: Bulk) -> None:
    if not bulk.groups:
        st.info("There is nothing to do at this distance.", icon=":material/info:")
    else:
        st.markdown(
            f"**{formatting.counted(bulk.n_delete, 'picture')}** of {formatting.counted(len(bulk.groups), 'group')} "
            f"would wait to be deleted, {formatting.size(bulk.n_bytes)}."
        )
        _show_labels(project, bulk)
        _show_examples(bulk)
    for note in _notes(bulk):
        st.caption(note)


def _show_labels(project: ProjectSummary, bulk: Bulk) -> None:
    labels = {label.id: label for label in projects.labels(project.id)}
    most = sorted(bulk.by_label.items(), key=lambda item: -item[1])[:12]
    chips = [
        html.row(html.chip(labels[label_id].name, labels[label_id].position), f"−{n:,}")
        for label_id, n in most
        if label_id in labels
    ]
    html.show(html.columns(chips, 150))


def _show_examples(bulk: Bulk) -> None:
    shown = bulk.groups[:EXAMPLES]
    rows = {row.id: row for row in images.image_rows([i for best, others in shown for i in (best, *others)])}
    lines = []
    for best, others in shown:
        pictures = [html.picture(html.Shown(rows[i].sha, rows[i].file_name), EXAMPLE_PX) for i in (best, *others[:6])]
        signs = [html.sign("keep"), *(html.sign("delete") for _ in others[:6])]
        lines.append(html.row(*(piece for pair in zip(signs, pictures, strict=True) for piece in pair)))
    with st.container(border=True):
        html.show(html.columns(lines, 220))
    if len(bulk.groups) > len(shown):
        st.caption(f"The first {len(shown)} of {len(bulk.groups):,} groups.")


def _notes(bulk: Bulk) -> list[str]:
    notes = []
    if bulk.n_across:
        notes.append(f"{formatting.counted(bulk.n_across, 'group')} across labels left out.")
    if bulk.n_decided:
        notes.append(f"{formatting.counted(bulk.n_decided, 'group')} left out in which somebody decided already.")
    if bulk.has_more:
        notes.append(f"{MOST_AT_ONCE:,} groups at a time; the others come up after that.")
    return notes
