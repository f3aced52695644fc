"""The ledger: the button that makes it, the accuracy by decisions, and what each part of them brought."""

import streamlit as st

from curate.catalog import versions
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.evaluation.ledger import Part
from curate.jobs.submit import ledger as submit
from curate.review.reports.evaluated import TODAY
from curate.review.worth import ledger, repeats
from curate.review.worth.ledger import Ledger
from curate.ui.charts import base as charts
from curate.ui.charts.ledger import ledger_curve, ledger_parts
from curate.ui.compare.runs import DrawnReport
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, jobs_panel

MOST_LABELS = 12  # those with the most decisions
_WHY = (
    "The same pictures, the same frozen features and the same held-out pictures under today's labels; only the labels "
    "of the training pictures differ. So what is measured is the labels' doing alone, without training noise. A "
    "fine-tuned network may answer otherwise."
)


def show_ledger(project: ProjectSummary, drawn: DrawnReport, source: str) -> None:
    """Show the ledger of the two runs, or the button that makes it; nothing where no decision can lie between.

    source: of the page's other labels; a ledger is by today's.
    """
    before, after = drawn.report.before, drawn.report.after
    if not _is_possible(before, after):
        return
    st.subheader("What each decision brought", anchor=False)
    if source != TODAY:
        st.caption("By today's labels, whatever *Labels* above says.")
    made, job = ledger.read(before, after), submit.find_open(before, after)
    if made:
        _show(made, drawn)
    if job:
        jobs_panel.job_panel(project, (submit.KIND,))
    elif made is None or made.version_id != versions.head_id(project.id):
        _show_button(drawn, is_again=made is not None)


def _is_possible(before: RunRow, after: RunRow) -> bool:
    try:
        ledger.check_pair(before, after)
        repeats.can_repeat(before, after)
    except BadInput:
        return False
    return True


def _show_button(drawn: DrawnReport, is_again: bool) -> None:
    if is_again:
        st.caption("Labels have changed since it was made.")
    else:
        st.markdown(
            "Fit a model on frozen features again and again, each time with a few more of the decisions: which of them "
            "brought the accuracy, and how soon would it have been enough?",
            help=_WHY,
        )
    if st.button(
        "Make the ledger anew" if is_again else "Make the ledger", key="ledger", icon=":material/receipt_long:"
    ):
        with guards.shown_errors():
            submit.submit(drawn.report.before, drawn.report.after, identity.reviewer())
            st.rerun()


def _show(made: Ledger, drawn: DrawnReport) -> None:
    st.markdown(f"**{formatting.plain(made.sentence, 400)}**", help=_WHY)
    parts = shown_parts(made)
    with st.grid(2, min_column_width=330, gap="medium"):
        charts.show(ledger_curve(made.points, made.enough), key="ledger_curve", alt=made.sentence)
        if parts:
            names = [part_name(part) for part in parts]
            charts.show(ledger_parts(parts, names), key="ledger_parts", alt="What each part of the decisions brought")
    st.caption(
        f"This is the model on frozen features ({formatting.plain(made.recipe)}), fitted anew with other labels, not "
        f"{drawn.runs[1]} itself: {formatting.counted(made.n_train, 'training picture')}, "
        f"{formatting.counted(made.n_valid, 'held-out picture')} under today's labels. "
        f"{made.n_fitted:,} of {formatting.counted(made.n_decisions, 'decision')} were about training pictures; the "
        "others move nothing here. Dotted: as many random relabels of other training pictures, five draws. Minutes: "
        "from the log, pauses of over five minutes left out."
    )


def shown_parts(made: Ledger) -> list[Part]:
    """Returns the parts worth a row: relabels and deletions, then versions and people if there are several, then
    the labels with the most decisions."""
    of_kind = {
        kind: [part for part in made.parts if part.kind == kind] for kind in ("action", "version", "reviewer", "label")
    }
    labels = sorted(of_kind["label"], key=lambda part: -part.n)[:MOST_LABELS]
    several = [part for kind in ("version", "reviewer") if len(of_kind[kind]) > 1 for part in of_kind[kind]]
    return [*of_kind["action"], *several, *(labels if len(labels) > 1 else [])]


def part_name(part: Part) -> str:
    """Returns a part's name on the chart's axis."""
    return {"version": f"version {part.name}", "reviewer": f"by {part.name}", "label": f"filed as {part.name}"}.get(
        part.kind, part.name
    )
