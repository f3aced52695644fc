"""The heat map of one picture, on demand: it starts the process that holds torch, which takes ten seconds."""

import numpy as np
import streamlit as st

from curate import store
from curate.prediction import heat
from curate.training.settings.config import TrainConfig
from curate.tray.answers import Answers
from curate.tray.pictures import TrayPicture
from curate.ui.predict import picture_size
from curate.ui.predict.answering_runs import AnsweringRun
from curate.ui.rendering import formatting
from curate.ui.shell import guards

_MOST_LABELS = 5


def ask(run: AnsweringRun, answers: Answers, picture: TrayPicture) -> bytes | None:
    """Draw the switch, and the choice of the label; returns the PNG to lay over the picture while it is on."""
    answer = answers.of(run.run.id)[picture.number]
    assert answer.probabilities is not None
    order = [int(i) for i in np.argsort(-answer.probabilities, kind="stable")[:_MOST_LABELS]]
    with st.container(horizontal=True, vertical_alignment="center"):
        is_on = st.toggle(
            "Heat map", key="predict_heat",
            help=f"Where in the picture {run.run.name} finds what speaks for a label. The first takes ten seconds.",
        )  # fmt: skip
        if not is_on:
            return None
        label = st.selectbox(
            "For the label", order, format_func=lambda i: formatting.shorten(run.names[i], 60),
            key=f"predict_heat_label_{picture.number}", label_visibility="collapsed", width=240,
        )  # fmt: skip
    with guards.shown_errors(), st.spinner("Looking where it looks", show_time=True):
        return _layer(answers, run, picture, label)
    return None


def _layer(answers: Answers, run: AnsweringRun, picture: TrayPicture, label: int) -> bytes:
    kept = st.session_state.get("predict_heat_layer")
    key = (run.run.id, answers.tray.name, picture.number, label)
    if kept and kept[0] == key:
        return bytes(kept[1])
    data, config = answers.tray.read(picture.number), TrainConfig.from_json(run.run.config)
    size = picture_size.of(answers, picture)
    if picture.sha:
        layer = heat.layer(run.run.id, picture.sha, label, config, size)
    else:
        layer = heat.upload_layer(store.run_folder(run.run.id), data, label, config, size)
    st.session_state["predict_heat_layer"] = (key, layer)  # one: the page is drawn again while answers come
    return layer
