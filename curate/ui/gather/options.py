"""What search results have to be like, and what pictures: filters of the sources, and limits of the downloader."""

from typing import Any

import streamlit as st

from curate.gather.limits import Limits
from curate.gather.search.openverse import OPTIONS

_SIZES = {"small": "Small", "medium": "Medium", "large": "Large"}
_SHAPES = {"square": "Square", "tall": "Tall", "wide": "Wide"}
_USES = {"commercial": "Commercial use", "modification": "Changing it"}


def show() -> tuple[dict[str, dict[str, Any]], Limits]:
    """({source: its options}, limits), as set in an expander that is closed at first."""
    with st.expander("Filters and limits", icon=":material/tune:"):
        options = _filters()
        st.divider()
        return options, limits()


def limits() -> Limits:
    """The limits, as asked for here."""
    usual = Limits()
    with st.container(horizontal=True):
        side = st.number_input(
            "Smallest side (px)", 1, 10_000, usual.min_side_px, key="min_side_px", width=180, on_change="ignore"
        )
        aspect = st.number_input(
            "Longest side at most … times the shortest", 1.0, 100.0, usual.max_aspect, 0.5, key="max_aspect", width=300,
            on_change="ignore",
        )  # fmt: skip
        max_mb = st.number_input(
            "Largest file (MB)", 1, 2_000, int(usual.max_mb), key="max_mb", width=180, on_change="ignore"
        )
    near = st.checkbox(
        "Leave out near-duplicates", usual.drop_near, key="drop_near", on_change="ignore",
        help="Pictures that the project has already, under any label and on either side of the split, or that came "
        "before in the same gathering: resized, saved again or brightened. Byte-identical ones under one label never "
        "come in twice.",
    )  # fmt: skip
    return Limits(min_side_px=int(side), max_aspect=float(aspect), max_mb=float(max_mb), drop_near=near)


def _filters() -> dict[str, dict[str, Any]]:
    with st.container(horizontal=True):
        size = st.multiselect(
            "Size", list(_SIZES), format_func=_SIZES.__getitem__, key="size", width=260, placeholder="Any"
        )
        shape = st.multiselect(
            "Shape", list(_SHAPES), format_func=_SHAPES.__getitem__, key="shape", width=260, placeholder="Any"
        )
        uses = st.multiselect(
            "The licence has to allow", list(_USES), format_func=_USES.__getitem__, key="license_type", width=300,
            placeholder="Anything", help="Openverse. DuckDuckGo says nothing of licences that could be relied upon.",
        )  # fmt: skip
        licences = st.multiselect(
            "Licences", OPTIONS["license"], key="license", width=260, placeholder="All", help="Openverse."
        )
        extensions = st.multiselect(
            "File types", OPTIONS["extension"], key="extension", width=220, placeholder="Any", help="Openverse."
        )
        sources = st.text_input(
            "Collections", key="openverse_source", width=260, placeholder="All: flickr, met, …", help="Openverse.",
            on_change="ignore",
        )  # fmt: skip
    openverse = {
        "size": size, "aspect_ratio": shape, "license_type": uses, "license": licences, "extension": extensions,
        "source": ",".join(part.strip() for part in sources.split(",") if part.strip()),
    }  # fmt: skip
    duckduckgo = {
        "size": _SIZES[size[0]] if len(size) == 1 else "",
        "layout": _SHAPES[shape[0]] if len(shape) == 1 else "",
    }
    return {"openverse": openverse, "duckduckgo": duckduckgo}
