"""The tab on agreement: of all reviewers, per pair, per label, and of each with themselves."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.review.team import agreement, sessions
from curate.review.team.agreement import Report
from curate.ui.rendering import formatting
from curate.ui.team import text

KAPPA = (
    "Agreement beyond chance: 1 = always the same, 0 = no more often than by chance. Above 0.8 is very good, below 0.4 "
    "says that the labels need a clearer rule."
)


def show_agreement(project: ProjectSummary) -> None:
    """Show the report on first answers, which people gave without seeing each other's."""
    session_id = _choose_session(project)
    report, waiting = agreement.report(project.id, session_id), agreement.count_waiting(project.id, session_id)
    if waiting:
        st.info(_waiting_sentence(waiting), icon=":material/hourglass_empty:")
    if report.overall is None and not report.own:
        if not waiting:
            st.info(
                "Nothing to compare yet: start a session in which two or three people look at a picture.",
                icon=":material/info:",
            )
        return
    if report.overall is not None:
        _show_overall(report)
        left, right = st.columns(2, gap="large")
        with left:
            _show_pairs(report)
        with right:
            _show_labels(project, report)
    _show_own(report)


def _waiting_sentence(waiting: Mapping[int, int]) -> str:
    """Returns a sentence such as "8 pictures wait for one more opinion, 1 picture for two more opinions."."""
    parts: list[str] = []
    for missing, n in waiting.items():
        verb = "" if parts else ("waits " if n == 1 else "wait ")
        more = {1: "one more opinion", 2: "two more opinions"}[missing]
        parts.append(f"{formatting.counted(n, 'picture')} {verb}for {more}")
    return f"{', '.join(parts)}. Each goes first to whoever joins the session and has not answered about it."


def _choose_session(project: ProjectSummary) -> int | None:
    known = [row for is_open in (True, False) for row in sessions.of_project(project.id, is_open)]
    names = {row.id: formatting.shorten(row.name, 60) for row in known if row.is_blind or row.repeat_pct}
    if len(names) < 2:
        return next(iter(names), None)
    chosen: int | None = st.selectbox(
        "Session", list(names), index=None, format_func=names.__getitem__, key="agreement_session",
        placeholder="All sessions", label_visibility="collapsed", width=300,
    )  # fmt: skip
    return chosen


def _show_overall(report: Report) -> None:
    assert report.overall is not None
    with st.container(horizontal=True, gap="large"):
        st.metric("Same answer", text.share(report.overall), width="content")
        st.metric("Fleiss' kappa", text.kappa(report.overall), help=KAPPA, width="content")
        st.metric("Pictures compared", f"{report.overall.n:,}", width="content")


def _show_pairs(report: Report) -> None:
    st.subheader("Pair by pair", anchor=False)
    rows = [
        {
            "Who": f"{a} and {b}",
            "Pictures": one.n,
            "Same": text.share(one),
            "Cohen's kappa": text.kappa(one),
        }
        for a, b, one in report.pairs
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="agreement_pairs")


def _show_labels(project: ProjectSummary, report: Report) -> None:
    st.subheader("Label by label", anchor=False)
    names = projects.label_names(project.id, with_unlabelled=True)
    rows = [
        {
            "When one says": names.get(label_id or 0, "delete"), "Pictures": one.n,
            "so does another": text.share(one), "Kappa": text.kappa(one),
        }
        for label_id, one in report.labels
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="agreement_labels")


def _show_own(report: Report) -> None:
    if not report.own:
        return
    st.subheader("Each with themselves", anchor=False)
    st.caption("Some pictures came a second time, unsaid.")
    rows = [
        {"Who": name, "Pictures": one.n, "Same": text.share(one), "Kappa": text.kappa(one)} for name, one in report.own
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width=500, key="agreement_own")
