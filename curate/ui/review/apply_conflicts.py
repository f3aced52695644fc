"""The part of the apply preview on disagreements, and the choice whether to apply those decisions, too."""

from collections.abc import Sequence

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.review.deciding.conflicts import Contested
from curate.review.team.unsettled import Unsettled
from curate.ui.rendering import formatting, html
from curate.ui.shell import navigation
from curate.ui.team import text

MOST = 6  # contested pictures shown


def show_conflicts(project: ProjectSummary, is_open: Unsettled, disputed: Sequence[Contested]) -> None:
    """Show the number of unsettled pictures of sessions, and the pictures on which one person overruled another."""
    if is_open.n_conflict:
        stay = "stays as it is" if is_open.n_conflict == 1 else "stay as they are"
        st.warning(
            f"{formatting.counted(is_open.n_conflict, 'picture')} of review sessions {stay}: people disagree.",
            icon=":material/balance:",
        )
        navigation.link("team", "Settle them", {"part": "disagreements"})
    if disputed:
        st.markdown(
            f"**{formatting.counted(len(disputed), 'picture')}** decided differently by two people; the later stands:"
        )
        labels = {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}
        lines = [
            html.beside(
                html.picture(html.Shown(one.sha, one.file_name), 56),
                html.stack([text.answer(answer, labels) for answer in one.answers]),
            )
            for one in disputed[:MOST]
        ]
        if len(disputed) > MOST:
            lines.append(html.quiet(f"and {len(disputed) - MOST:,} more"))
        with st.container(border=True):
            st.html(html.stack(lines))


def choose_rule(n_waiting: int, n_single: int, n_disputed: int) -> tuple[str, int]:
    """Returns (rule for `apply`, decisions that it applies); shows the choice only where the rules differ."""
    n_settled, n_all = n_waiting - n_disputed, n_waiting + n_single
    if n_settled == n_all:
        return "all", n_all
    titles = {"settled": f"Only what is settled ({n_settled:,})", "all": f"Everything that was said ({n_all:,})"}
    with_one = f" {formatting.counted(n_single, 'picture')} wait for a second opinion." if n_single else ""
    rule = st.segmented_control(
        "What to apply", list(titles), default="settled", format_func=titles.__getitem__, key="apply_rule",
        required=True, help=f"Settled is what everybody who was asked has said, and nobody contradicts.{with_one}",
    )  # fmt: skip
    return (rule or "settled"), (n_all if rule == "all" else n_settled)
