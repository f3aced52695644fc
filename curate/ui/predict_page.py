"""The parts of the Predict page: the run, the pictures, a summary by label, and the probabilities of each picture."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from curate import store
from curate.catalog import images, projects
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import NotFound
from curate.evaluation import per_cent
from curate.jobs.submit import graph
from curate.pictures import picture_facts
from curate.prediction import client, endpoint
from curate.shrinking import as_webp
from curate.ui import charts
from curate.ui.rendering import formatting, html, run_text
from curate.ui.shell import guards, identity, run_picker

A_ROW = 3
MOST_SHOWN = 60
PREVIEW_PX = (320, 220)  # width, height of a picture's frame: it and the bars fit on one screen
_OWN_PICTURE = "predict_image"  # number or file name of a picture of the project
_CLEARED = "predict_cleared"  # how often the uploads were removed; part of the upload field's key


@dataclass(frozen=True)
class Picture:
    """A picture to predict the label of: its name, its bytes, and its label in the project, if any."""

    name: str
    content: bytes
    label: str | None = None


def choose_run(project: ProjectSummary) -> RunRow:
    """The finished run that answers, from the address or the newest; without any the page says so and stops."""
    run = run_picker.choose(run_picker.finished_runs(project), label="Which run answers", purpose="answer")
    st.caption(run_text.in_short(run))
    _wake(run)
    return run


def choose_pictures(project: ProjectSummary) -> list[Picture]:
    """The pictures chosen: uploads, or one of the project's own."""
    uploads, own = st.tabs([":material/upload: Upload pictures", ":material/photo_library: One of the project"])
    with uploads:
        files = st.file_uploader(
            "Pictures to predict", accept_multiple_files=True, label_visibility="collapsed",
            key=f"predict_files_{st.session_state.get(_CLEARED, 0)}",
        )  # fmt: skip
    with own:
        own_picture = _choose_own(project)
    pictures = [Picture(file.name, file.getvalue()) for file in files or []]
    return pictures + ([own_picture] if own_picture else [])


def show_answers(run: RunRow, pictures: Sequence[Picture]) -> None:
    """A summary by label, and a card per picture with the probability of each label. Bad files are named."""
    if not pictures:
        st.caption(f"{run.name} answers as soon as there is a picture.")
        return
    with st.spinner(_waiting_words(run, len(pictures)), show_time=True):
        answers = _answers(run.id, [(picture.name, picture.content) for picture in pictures])
    names, positions = _labels(run)
    good = [(a, b.probabilities) for a, b in zip(pictures, answers, strict=True) if b.probabilities is not None]
    if len(pictures) > 1:
        _show_summary(good, names, n_refused=len(pictures) - len(good))
    for answer in answers:
        if answer.error:
            st.warning(
                f"{formatting.plain(answer.name, 80)}: {formatting.plain(answer.error)}", icon=":material/broken_image:"
            )
    _show_cards(good[:MOST_SHOWN], names, positions)
    if len(good) > MOST_SHOWN:
        st.caption(f"{MOST_SHOWN} of {len(good):,} are shown; the table has all.")
    _download(good, names)


def summarise(probabilities: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Returns one row per predicted label, most pictures first: Predicted label, Pictures, Mean and Lowest probability.

    probabilities: (N, C), columns in the order of `names`. The two probabilities are those of the predicted label, in
    [0, 1]; a low one is an unsure prediction.
    """
    table = pd.DataFrame({"label": probabilities.argmax(axis=1), "probability": probabilities.max(axis=1)})
    rows = table.groupby("label")["probability"].agg(["size", "mean", "min"]).reset_index()
    rows = rows.sort_values(["size", "label"], ascending=[False, True])
    return pd.DataFrame(
        {
            "Predicted label": [names[label] for label in rows["label"]],
            "Pictures": rows["size"].to_numpy(),
            "Mean probability": [per_cent(mean) for mean in rows["mean"]],
            "Lowest probability": [per_cent(lowest) for lowest in rows["min"]],
        }
    )


def tabulate(files: Sequence[str], probabilities: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Returns one row per file: its name, the predicted label, and a column with the probability of each label.

    probabilities: (N, C), columns in the order of `names`. The column of a label that is itself named "file" or
    "predicted" is headed "label file" or "label predicted".
    """
    taken = {"file", "predicted", *names}
    headings = [name if name not in ("file", "predicted") else _free_heading(f"label {name}", taken) for name in names]
    table = pd.DataFrame(probabilities, columns=headings)
    table.insert(0, "predicted", [names[best] for best in probabilities.argmax(axis=1)])
    table.insert(0, "file", list(files))
    return table


def _free_heading(heading: str, taken: set[str]) -> str:
    while heading in taken:
        heading = f"label {heading}"
    return heading


def _show_summary(good: Sequence[tuple[Picture, np.ndarray]], names: list[str], n_refused: int) -> None:
    refused = f", {formatting.counted(n_refused, 'file')} could not be read" if n_refused else ""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{formatting.counted(len(good), 'picture')}**{refused}", width="content")
        st.button("Remove all", key="predict_remove_all", icon=":material/close:", on_click=_remove_all)
    if good:
        table = summarise(np.array([probabilities for _, probabilities in good]), names)
        st.dataframe(table, hide_index=True, key="predict_summary")


def _remove_all() -> None:
    st.session_state[_CLEARED] = st.session_state.get(_CLEARED, 0) + 1
    st.session_state[_OWN_PICTURE] = ""


def _show_cards(good: Sequence[tuple[Picture, np.ndarray]], names: list[str], positions: list[int]) -> None:
    for start in range(0, len(good), A_ROW):
        row = enumerate(good[start : start + A_ROW], start)
        for column, (number, (picture, probabilities)) in zip(st.columns(A_ROW), row, strict=False):
            with column, st.container(border=True):
                _card(picture, probabilities, names, positions, f"bars_{number}")


def _choose_own(project: ProjectSummary) -> Picture | None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        key = st.text_input("Its number or file name", key=_OWN_PICTURE, placeholder="17, or dog/IMG_0042.jpg")
    with right:
        st.button("A random one", key="predict_random", on_click=_pick_random, args=(project.id,), width="stretch")
    if not key:
        return None
    with guards.shown_errors():
        row = images.find_image(project.id, key.strip())
        label = next(label.name for label in projects.labels(project.id) if label.id == row.label_id)
        return Picture(row.file_name, store.blob_path(row.sha).read_bytes(), label)
    return None


def _pick_random(project_id: int) -> None:
    st.session_state[_OWN_PICTURE] = str(images.random_image(project_id))


def _card(picture: Picture, probabilities: np.ndarray, names: list[str], positions: list[int], key: str) -> None:
    html.show(html.embedded(_preview(picture.content), picture.name, PREVIEW_PX))
    best = int(np.argmax(probabilities))
    st.markdown(f"**{formatting.plain(names[best], 60)}** · {per_cent(float(probabilities[best]))}")
    label = f" · label {formatting.plain(picture.label, 40)}" if picture.label else ""
    st.caption(formatting.plain(picture.name, 60) + label)
    charts.show(charts.probability_bars(names, probabilities, positions), key, f"Probabilities of {picture.name}")


def _download(good: Sequence[tuple[Picture, np.ndarray]], names: list[str]) -> None:
    if not good:
        return
    table = tabulate([picture.name for picture, _ in good], np.array([row for _, row in good]), names)
    with st.expander("All probabilities as a table", icon=":material/table:"):
        st.dataframe(table, hide_index=True, width="stretch")
    st.download_button(
        "Download as CSV", formatting.table_csv(table), "predictions.csv", "text/csv", icon=":material/download:"
    )


def _labels(run: RunRow) -> tuple[list[str], list[int]]:
    """Names and positions of the run's labels, in the order of its probabilities."""
    by_id = {label.id: label for label in projects.labels(run.project_id)}
    return [by_id[id_].name for id_ in run.label_ids], [by_id[id_].position for id_ in run.label_ids]


@st.cache_data(max_entries=64, show_spinner=False)
def _answers(run_id: int, files: list[tuple[str, bytes]]) -> list[client.Prediction]:
    return client.predict(store.run_folder(run_id), files)


@st.cache_data(max_entries=500, show_spinner=False)
def _preview(content: bytes) -> bytes:
    """Returns the picture upright as WebP, large enough to be crisp on a 2x screen.

    Not through `st.image`: it rounds the height of a strip, such as 1000 x 1 pixels, down to 0 and raises.
    """
    facts = picture_facts(content)
    fit = min(PREVIEW_PX[0] / facts.width, PREVIEW_PX[1] / facts.height)
    side_px = max(1, round(max(facts.width, facts.height) * min(1.0, 2 * fit)))
    return as_webp(content, side_px, 85)


def _wake(run: RunRow) -> None:
    """Start what answers; a run of before gets its graph, and answers by torch until then."""
    folder = store.run_folder(run.id)
    with suppress(NotFound):  # a run without a model says so when it is asked
        client.process_of(folder).warm()
        graph.ensure(run, identity.reviewer())
    if why := client.why_no_graph(folder):
        st.caption(f"It answers by torch, which takes ten seconds to begin. {formatting.plain(why)}")


def _waiting_words(run: RunRow, n: int) -> str:
    process = client.process_of(store.run_folder(run.id))
    is_slow = process.name == endpoint.TORCH and not process.is_ready()
    first = " The model wakes up first: about ten seconds, once." if is_slow else ""
    return f"Looking at {formatting.counted(n, 'picture')}.{first}"
