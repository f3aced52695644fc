"""The group *Network* of the training form: architecture, picture size, and pretrained weights."""

from functools import lru_cache

import streamlit as st

from curate import settings
from curate.training.networks import architectures
from curate.training.networks.architectures import Architecture
from curate.ui.rendering import formatting
from curate.ui.train import fields, settings_state


def show_network() -> None:
    """Draw architecture, pretrained weights and size of the pictures."""
    config = settings_state.chosen()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _choose_architecture(config.architecture, may_be_pixels=config.method == "quick_look")
    with right:
        fields.show_field("size_px", config)
    if config.architecture == architectures.PIXELS:
        st.caption(
            "The colours of the shrunken pictures, no network at all: for digits, icons and other tiny pictures."
        )
        return
    network = architectures.find(config.architecture)
    with left:
        _describe(network)
    with right:
        if config.method != "quick_look":
            fields.show_field("pretrained", config)
        st.caption(_weights_sentence(network))


def describe(name: str) -> str:
    """Returns an architecture's entry in the list: name, size, and whether its weights are on this machine."""
    if name == architectures.PIXELS:
        return "pixels · no network"
    here = " · weights here" if name in _with_weights() else ""
    return _sizes().get(name, name) + here


def _choose_architecture(name: str, may_be_pixels: bool) -> None:
    pixels = [architectures.PIXELS] if may_be_pixels else []
    names = [*pixels, *architectures.all_names()]
    st.session_state["train_architecture"] = name
    st.selectbox(
        f"Architecture (one of {len(names):,}: type to search)",
        names if name in names else [name, *names],
        key="train_architecture",
        format_func=describe,
        on_change=_take,
        filter_mode="contains",
        help="The kind of network that learns. Small ones are quick; large ones want a GPU and more pictures. First "
        "come the usual ones, then all of timm's.",
    )


@lru_cache(maxsize=1)
def _sizes() -> dict[str, str]:
    """Returns every network's entry, cached since there are over a thousand."""
    networks = [architectures.find(name) for name in architectures.all_names()]
    return {
        row.name: f"{row.name} · {row.parameters_m:,g} million parameters · {row.size_mb:,.0f} MB" for row in networks
    }


@st.cache_data(ttl=60, show_spinner=False)  # it checks a few thousand files
def _with_weights() -> set[str]:
    return {name for name in architectures.all_names() if architectures.find_weights(name)}


def _take() -> None:
    settings_state.change(architecture=st.session_state["train_architecture"])


def _describe(network: Architecture) -> None:
    st.caption(formatting.plain(network.words))


def _weights_sentence(network: Architecture) -> str:
    if architectures.find_weights(network.name):
        return "Its weights are on this machine."
    if not architectures.may_be_pretrained(network):
        return "There are no pretrained weights for it: it learns from scratch."
    place = "" if settings.weights_folder() else ", or set CURATE_WEIGHTS to a folder that has them"
    return (
        f"Its weights are not on this machine: training downloads {network.download_mb:g} MB first{place}. "
        "Without a network, turn this off to train from scratch."
    )
