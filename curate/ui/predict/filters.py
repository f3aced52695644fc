"""Which of many answers are shown, and in which order."""

import numpy as np
import streamlit as st

from curate.ui.predict.results import Results, disagreement
from curate.ui.rendering import formatting

_ORDERS = {
    "disagree": "Disagreements first",
    "came": "As they came",
    "unsure": "Least sure first",
    "sure": "Most sure first",
    "unfamiliar": "Unfamiliar first",
    "label": "By label",
}


def choose(results: Results, other: Results | None) -> np.ndarray:
    """Draw the filters; returns the rows of `results` to show, in order. other: a second run's of the same."""
    orders = [name for name in _ORDERS if name != "disagree" or other]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = st.multiselect(
            "Predicted label", sorted(set(results.predicted_names)), key="predict_labels", placeholder="Any", width=260,
            format_func=lambda name: formatting.shorten(name, 40),
        )  # fmt: skip
        low, high = st.slider("Probability (%)", 0, 100, (0, 100), key="predict_range", width=220)
        order = st.selectbox(
            "Order", orders, format_func=_ORDERS.__getitem__, key=f"predict_order_{bool(other)}", width=200
        )
        has_none = not results.is_unfamiliar.any()
        is_unfamiliar = st.checkbox("Only unfamiliar", key="predict_unfamiliar", disabled=has_none) and not has_none
        differs = st.checkbox("Only disagreements", key="predict_differs") if other else False
    per_cents = 100 * results.confidence
    keep = (per_cents >= low) & (per_cents <= high)
    if labels:
        keep &= np.isin(np.array(results.predicted_names, object), labels)
    if is_unfamiliar:
        keep &= results.is_unfamiliar
    if differs and other:
        keep &= disagreement(results, other) > 0
    ranks = _ranks(order, results, other)
    rows = np.argsort(ranks, kind="stable")
    return rows[keep[rows]]


def _ranks(order: str, results: Results, other: Results | None) -> np.ndarray:
    """(n,) low = first."""
    if order == "disagree" and other:
        return -disagreement(results, other)
    if order in ("unsure", "sure"):
        return results.confidence if order == "unsure" else -results.confidence
    if order == "unfamiliar":
        return ~results.is_unfamiliar
    return results.predicted if order == "label" else np.zeros(len(results.numbers))
