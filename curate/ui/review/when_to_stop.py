"""The stopping estimate, always visible while reviewing: a line, with its figures in an expander."""

import pandas as pd
import streamlit as st

from curate.catalog.runs import RunRow
from curate.evaluation import Interval
from curate.review.listing.score_columns import has_doubts
from curate.review.reports import drawn_share
from curate.review.reports.drawn_share import find_drawn_share
from curate.review.reports.stopping_estimate import Estimate, find_estimate
from curate.review.team import audit
from curate.ui import charts
from curate.ui.evaluate import audit as audit_words
from curate.ui.rendering import formatting, tiles

POLL_S = 3  # as often as the grid asks for others' decisions
_IS_OPEN = "outlook"


def show_estimate(run: RunRow) -> None:
    """Show the estimate, updated regularly; nothing for a run without doubts."""
    if has_doubts(run.id):
        st.fragment(lambda: _draw(run), run_every=POLL_S)()


def _draw(run: RunRow) -> None:
    estimate = find_estimate(run.id)
    icon = ":material/flag:" if estimate.ahead.stop else ":material/trending_up:"
    with st.expander(formatting.plain(estimate.ahead.words), key=_IS_OPEN, on_change="rerun", icon=icon) as details:
        if details.open:
            _show_details(estimate)
            _show_audit(run)
            _show_drawn(run)


def _show_details(estimate: Estimate) -> None:
    ahead, reviewed = estimate.ahead, estimate.reviewed
    n_real, n_last = reviewed.last_suggestions()
    with st.grid(4, min_column_width=140, gap="small"):
        tiles.number(
            "Seen", f"{reviewed.n:,}", f"{reviewed.n_errors:,} were wrong", "Pictures somebody decided on in this run."
        )
        tiles.number(
            "Suggestions that were real", f"{n_real} of {n_last}" if n_last else "–", "the last ones",
            "Among the last 50 pictures for which something else was suggested: those relabelled or deleted.",
        )  # fmt: skip
        tiles.number(
            "Wrong labels left", f"about {ahead.left.value:,.0f}", f"{_ends(ahead.left)}",
            "Estimated from the doubts of all pictures that nobody has seen, and from how often such doubts were "
            "right so far; below it, the range in which it lies with 95 % certainty.",
        )  # fmt: skip
        tiles.number(
            f"In the next {ahead.n_next:,}", f"about {ahead.expected_next.value:,.0f}", _ends(ahead.expected_next)
        )
    with st.grid(2, min_column_width=340, gap="medium"):
        with st.container():
            st.markdown("**Wrong ones found**")
            _show_curve(estimate)
        with st.container():
            st.markdown("**Left under each label**")
            _show_labels(estimate)


def _show_audit(run: RunRow) -> None:
    """Show what a random audit found: it owes nothing to any model."""
    found = audit.find(run.id, audit.ALL)
    if found is not None and found.n_checked >= audit.FEWEST:
        st.caption(f"Random audit: {formatting.plain(audit_words.in_words(found))}")
    else:
        st.caption(
            "Some wrong labels no model doubts. A *random audit*, on Evaluate under *Wrong labels*, counts these, too."
        )


def _show_drawn(run: RunRow) -> None:
    """Show what the pictures drawn at random within an order found, once there are enough."""
    drawn = find_drawn_share(run.id)
    if drawn.n_checked >= drawn_share.FEWEST:
        n_wrong = "no label was wrong" if not drawn.n_wrong else formatting.counted(drawn.n_wrong, "label") + " wrong"
        in_all = drawn.wrong_in_all
        st.caption(
            f"Drawn at random in the list: {n_wrong} among the first {drawn.n_checked:,}, so {in_all.low:,.0f} to "
            f"{in_all.high:,.0f} of all {drawn.n:,} were, whatever any model says (95 %)."
        )


def _show_curve(estimate: Estimate) -> None:
    if not estimate.reviewed.n:
        st.caption("The curve begins with the first decision.")
        return
    charts.show(
        charts.error_curve(estimate.curve()),
        key="found_curve",
        alt=f"{estimate.reviewed.n_errors:,} wrong among {formatting.counted(estimate.reviewed.n, 'picture')} seen",
    )


def _show_labels(estimate: Estimate) -> None:
    table = pd.DataFrame(
        {
            "Label": [formatting.shorten(one.label.name, 120) for one in estimate.by_label],
            "Left": [one.n_left.value for one in estimate.by_label],
            "From–to": [_ends(one.n_left) for one in estimate.by_label],
            "Not seen": [one.n_unseen for one in estimate.by_label],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=248,
        key="left_by_label",
        column_config={"Left": st.column_config.NumberColumn("Wrong, about", format="%.0f")},
    )


def _ends(interval: Interval) -> str:
    return f"{interval.low:,.0f} to {interval.high:,.0f}"
