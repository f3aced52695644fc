"""The pictures on which two runs disagree, as cards: fixed, broken, or wrong in another way."""

from typing import Any, cast

import pandas as pd
import streamlit as st

from curate.catalog import images
from curate.catalog.images import ImageRow
from curate.evaluation import per_cent
from curate.review.reports.run_comparison import Report
from curate.ui.components import cards
from curate.ui.rendering import formatting

FIRST = 12
MORE = 24
KINDS = {
    "fixed": ("Put right", "Wrong before, right now."),
    "broken": ("Broken", "Right before, wrong now: worth a look, as the label may be wrong."),
    "changed": ("Otherwise wrong", "Wrong before and now: the model does not know what to do with them."),
}


def show_flips(report: Report, is_hidden: bool = False) -> None:
    """Shows the pictures whose prediction changed, largest change of probability first.

    is_hidden: shows them on request only, since they are being checked blind.
    """
    st.subheader("Pictures that flipped", anchor=False)
    if is_hidden and not st.toggle("Show them, though they are being checked blind", key="show_flips"):
        return
    flips = report.comparison.flips
    by_kind = {kind: flips[flips["kind"] == kind] for kind in KINDS}
    present = [kind for kind in KINDS if len(by_kind[kind])]
    if not present:
        st.markdown("None: both runs predict the same label for every picture.")
        return
    st.caption(
        f"Predicted label: {report.before.name} → {report.after.name}. "
        "The bar tells how sure they were of the label that the picture has today: ring before, dot after."
    )
    tabs = st.tabs([f"{KINDS[kind][0]} · {len(by_kind[kind]):,}" for kind in present])
    for tab, kind in zip(tabs, present, strict=True):
        with tab:
            st.caption(KINDS[kind][1])
            _show_kind(report, kind, by_kind[kind])


def _show_kind(report: Report, kind: str, flips: pd.DataFrame) -> None:
    key = f"flips_{kind}_{report.before.id}_{report.after.id}"
    limit = st.session_state.get(f"{key}_shown", FIRST)
    rows = cast(list[dict[str, Any]], flips.head(limit).to_dict("records"))
    images_by_id = {image.id: image for image in images.image_rows([row["image"] for row in rows])}
    cards.show(
        [_card(report, row, images_by_id[row["image"]]) for row in rows if row["image"] in images_by_id],
        key=key,
        size_px=140,
    )
    n_more = min(MORE, len(flips) - limit)
    if n_more > 0 and st.button(f"Show {n_more:,} more", key=f"{key}_more", icon=":material/expand_more:"):
        st.session_state[f"{key}_shown"] = limit + n_more
        st.rerun()


def _card(report: Report, row: dict[str, Any], image: ImageRow) -> cards.Card:
    label, old, new = (cards.tag(report.labels[row[name]]) for name in ("label", "before", "after"))
    return cards.Card(
        sha=image.sha,
        caption=(
            f"{formatting.shorten(image.file_name, 80)}: label {label.text}; {report.before.name} predicted "
            f"{old.text}, {report.after.name} {new.text}. Probability of {label.text}: {per_cent(row['p_before'])} "
            f"before, {per_cent(row['p_after'])} after."
        ),
        tags=(old, new),
        shares=(row["p_before"], row["p_after"]),
        decision=image.decision,
        decided=f"said {image.decided_by}" if image.decided_by else "",
    )
