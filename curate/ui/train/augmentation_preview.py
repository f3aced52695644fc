"""Shows one picture of the project augmented 24 times with the chosen settings."""

import json

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curate.catalog import images
from curate.catalog.images import ImageRow
from curate.catalog.projects import ProjectSummary
from curate.prediction import client
from curate.prediction.process import torch_process
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS, can_augment
from curate.ui.rendering import formatting
from curate.ui.shell import guards, query_params
from curate.ui.train import settings_state

N = 24
SHOWN_PX = 132
PICTURE = "picture"  # ?picture=17, an image's id
_LOOK = tuple(name for name, setting in SETTINGS.items() if setting.in_preview)


def show_preview(project: ProjectSummary, slot: DeltaGenerator | None) -> None:
    """Fill the slot in the form; None = the slot is hidden. Call it last on the page, since it may take seconds."""
    if slot is None:
        return
    config = settings_state.chosen()
    with slot:
        st.markdown(f"**One picture, {N} times**")
        if not can_augment(config):
            st.caption("Without augmentation every epoch sees the same picture. Choose one to see what it does.")
        elif query_params.read_number(PICTURE) is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Show", key="preview", icon=":material/grid_view:", on_click=_pick, args=(project.id,))
                st.caption("What these settings make of one picture of the project.", width="stretch")
        else:
            _show_picture(project, config)


def _pick(project_id: int) -> None:
    query_params.write(**{PICTURE: images.random_image(project_id)})


def _show_picture(project: ProjectSummary, config: TrainConfig) -> None:
    picture_id = query_params.read_number(PICTURE)
    st.session_state["preview_picture"] = str(picture_id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Picture (number or file name)", key="preview_picture", on_change=_take, args=(project.id,), width=260
        )
        st.button("Another one", key="preview_shuffle", icon=":material/shuffle:", on_click=_pick, args=(project.id,))
        st.button("Close", key="preview_close", type="tertiary", on_click=_close)
    with guards.shown_errors():
        row = images.find_image(project.id, str(picture_id))
        _show_augmented(row, config.validated())


def _take(project_id: int) -> None:
    with guards.shown_errors():
        row = images.find_image(project_id, st.session_state["preview_picture"].strip())
        query_params.write(**{PICTURE: row.id})


def _close() -> None:
    query_params.write(**{PICTURE: None})


def _show_augmented(row: ImageRow, config: TrainConfig) -> None:
    wakes = "" if torch_process.is_ready() else " The model process wakes up first: about ten seconds, once."
    with st.spinner(f"Augmenting {formatting.plain(row.file_name, 60)} {N} times.{wakes}", show_time=True):
        look = json.dumps({name: getattr(config, name) for name in _LOOK})
        shown = _augmented(row.sha, look, config)
    with st.container(horizontal=True, gap="xsmall"):
        for number, jpeg in enumerate(shown, 1):
            st.image(jpeg, width=SHOWN_PX, alt=f"{row.file_name}, augmented, {number} of {len(shown)}")
    st.caption(f"{formatting.plain(row.file_name, 80)} as {formatting.counted(len(shown), 'epoch')} would show it.")


@st.cache_data(max_entries=32, show_spinner=False)
def _augmented(sha: str, look: str, _config: TrainConfig) -> list[bytes]:
    """Returns 24 JPEGs. Raises JobFailed, BadPicture; errors are not cached."""
    return client.augmented(sha, _config, N)
