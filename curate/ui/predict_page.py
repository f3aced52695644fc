"""The parts of the Predict page: which run answers, which pictures are asked about, and the answers as bars."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from curate import store
from curate.catalog import images, projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.evaluation import per_cent
from curate.pictures import picture_facts
from curate.prediction import client
from curate.shrinking import as_webp
from curate.ui import charts
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import guards, run_picker

A_ROW = 3
MOST_SHOWN = 60
PREVIEW_PX = (320, 220)  # width, height: picture and bars fit on one screen
_ASKED = "predict_image"


@dataclass(frozen=True)
class Asked:
    """A picture to ask about: its name, its bytes or stored file, and the label it is filed under, if any."""

    name: str
    content: bytes
    label: str | None = None


def choose_run(project: ProjectSummary) -> RunRow:
    """The finished run that answers, from the address or the newest; without any the page says so and stops."""
    run = run_picker.choose(run_picker.finished_runs(project), label="Which run answers")
    st.caption(run_text.in_short(run))
    client.warm()
    return run


def ask(project: ProjectSummary, run: RunRow) -> list[Asked]:
    """The pictures chosen: uploads, or one of the project's own."""
    uploads, own = st.tabs([":material/upload: Upload pictures", ":material/photo_library: One of the project"])
    with uploads:
        files = st.file_uploader(
            "Pictures to ask about", accept_multiple_files=True, key="predict_files", label_visibility="collapsed"
        )
    with own:
        picked = _ask_own(project)
    asked = [Asked(file.name, file.getvalue()) for file in files or []]
    return asked + ([picked] if picked else [])


def show_answers(run: RunRow, asked: Sequence[Asked]) -> None:
    """A card per picture: the label it most likely shows, and the probability of each. Bad files are named."""
    if not asked:
        st.caption(f"{run.name} answers as soon as there is a picture.")
        return
    with st.spinner(_waiting_words(len(asked)), show_time=True):
        answers = _answers(run.id, [(picture.name, picture.content) for picture in asked])
    names, positions = _labels(run)
    for answer in answers:
        if answer.error:
            st.warning(
                f"{formatting.plain(answer.name, 80)}: {formatting.plain(answer.error)}", icon=":material/broken_image:"
            )
    good = [(a, b.probabilities) for a, b in zip(asked, answers, strict=True) if b.probabilities is not None]
    _show_cards(good[:MOST_SHOWN], names, positions)
    if len(good) > MOST_SHOWN:
        st.caption(f"{MOST_SHOWN} of {len(good):,} are shown; the table has all.")
    _download(good, names)


def _show_cards(good: Sequence[tuple[Asked, np.ndarray]], names: list[str], positions: list[int]) -> None:
    for start in range(0, len(good), A_ROW):
        for column, (picture, probabilities) in zip(st.columns(A_ROW), good[start : start + A_ROW], strict=False):
            with column, st.container(border=True):
                _card(picture, probabilities, names, positions)


def _ask_own(project: ProjectSummary) -> Asked | None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        key = st.text_input("Its number or file name", key=_ASKED, placeholder="17, or dog/IMG_0042.jpg")
    with right:
        st.button("A random one", key="predict_random", on_click=_pick_random, args=(project.id,), width="stretch")
    if not key:
        return None
    with guards.shown_errors():
        row = images.find_image(project.id, key.strip())
        label = next(label.name for label in projects.labels(project.id) if label.id == row.label_id)
        return Asked(row.file_name, store.blob_path(row.sha).read_bytes(), label)
    return None


def _pick_random(project_id: int) -> None:
    st.session_state[_ASKED] = str(images.random_image(project_id))


def _card(picture: Asked, probabilities: np.ndarray, names: list[str], positions: list[int]) -> None:
    shown, width_px = _preview(picture.content)
    st.image(shown, width=width_px)
    best = int(np.argmax(probabilities))
    st.markdown(f"**{formatting.plain(names[best], 60)}** · {per_cent(float(probabilities[best]))}")
    filed = f" · filed under {formatting.plain(picture.label, 40)}" if picture.label else ""
    st.caption(formatting.plain(picture.name, 60) + filed)
    key = hashlib.sha256(picture.name.encode() + picture.content).hexdigest()[:12]
    charts.show(
        charts.probability_bars(names, probabilities, positions), f"bars_{key}", f"Probabilities of {picture.name}"
    )


def _download(good: Sequence[tuple[Asked, np.ndarray]], names: list[str]) -> None:
    if not good:
        return
    table = pd.DataFrame([probabilities for _, probabilities in good], columns=names)
    table.insert(0, "predicted", [names[int(np.argmax(probabilities))] for _, probabilities in good])
    table.insert(0, "file", [picture.name for picture, _ in good])
    with st.expander("All probabilities as a table", icon=":material/table:"):
        st.dataframe(table, hide_index=True, width="stretch")
    st.download_button(
        "Download as CSV", table.to_csv(index=False), "predictions.csv", "text/csv", icon=":material/download:"
    )


def _labels(run: RunRow) -> tuple[list[str], list[int]]:
    """Names and positions of the run's labels, in the order of its probabilities."""
    by_id = {label.id: label for label in projects.labels(run.project_id)}
    return [by_id[id_].name for id_ in run.label_ids], [by_id[id_].position for id_ in run.label_ids]


@st.cache_data(max_entries=64, show_spinner=False)
def _answers(run_id: int, files: list[tuple[str, bytes]]) -> list[client.Prediction]:
    return client.predict(store.run_folder(run_id), files)


@st.cache_data(max_entries=500, show_spinner=False)
def _preview(content: bytes) -> tuple[bytes, int]:
    """(WebP that every browser shows, upright, whatever came in; the width at which it is crisp on a 2x screen)."""
    facts = picture_facts(content)
    fit = min(PREVIEW_PX[0] / facts.width, PREVIEW_PX[1] / facts.height)
    side_px = max(1, round(max(facts.width, facts.height) * min(1.0, 2 * fit)))
    return as_webp(content, side_px, 85), max(1, round(facts.width * fit))


def _waiting_words(n: int) -> str:
    first = "" if client.is_ready() else " The model wakes up first: about ten seconds, once."
    return f"Looking at {formatting.counted(n, 'picture')}.{first}"
