"""One picture, large: the probability of every label, how familiar it is, and the known pictures most like it."""

import base64
from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from curate.catalog import images, projects
from curate.catalog.projects import ProjectSummary
from curate.evaluation import per_cent
from curate.prediction.client import Prediction
from curate.prediction.familiarity import Familiarity
from curate.tray.answers import Answers
from curate.tray.pictures import TrayPicture
from curate.ui import charts
from curate.ui.components import cards
from curate.ui.components.cards import Card
from curate.ui.predict import add_to_project, heat_map, known_images, picture_size, session
from curate.ui.predict.answering_runs import AnsweringRun
from curate.ui.rendering import formatting, html
from curate.ui.rendering.image_urls import tray_url

MOST_BARS = 10
_WIDTH_PX, _HEIGHT_PX = 640, 440  # of the picture at most: it and the bars fit on one screen
_TINY_PX = 96  # pictures up to this size are enlarged in clean squares, not blurred
_WHOLE = "display:block;width:100%;height:100%;border-radius:8px"
_N_NEAREST = 6


def show(project: ProjectSummary, runs: list[AnsweringRun], answers: Answers, number: int) -> None:
    """Draw the picture of that number, and what each run says of it."""
    picture = answers.tray.pictures[number]
    _show_head(answers, picture)
    first = answers.of(runs[0].run.id).get(number)
    if first is None:
        st.caption("It is its turn soon.")
        return
    if first.error:
        name, reason = formatting.plain(first.name, 80), formatting.plain(first.error)
        st.warning(f"{name}: {reason}", icon=":material/broken_image:")
        return
    left, right = st.columns([1, 1] if len(runs) == 1 else [2, 3])
    with left:
        _show_picture(runs[0], answers, picture)
    with right:
        for column, each in zip(st.columns(len(runs)), runs, strict=True):
            if answer := answers.of(each.run.id).get(number):
                with column:
                    _show_bars(each, answer, is_named=len(runs) > 1)
        _show_known(project, answers.shas.get(number, ""), picture)
    with st.container():
        if first.familiarity:
            _show_nearest(project, runs[0], first.familiarity)
        elif runs[0].is_preparing:
            st.caption(f"{runs[0].run.name} goes through the pictures that it knows; then the most alike stand here.")
    if picture.image_id is None:
        add_to_project.show(project, runs[0], answers, [number])


def _show_head(answers: Answers, picture: TrayPicture) -> None:
    n = len(answers.tray.pictures)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if n > 1:
            st.button(f"All {n:,} pictures", key="predict_all", icon=":material/arrow_back:", on_click=session.close)
        st.markdown(f"**{formatting.plain(picture.name, 60)}**", width="content")
        if n > 1:
            _show_arrows(picture.number)
        st.button("Remove all" if n > 1 else "Remove", key="predict_remove_all", icon=":material/close:",
                  on_click=session.remove_all)  # fmt: skip


def _show_arrows(number: int) -> None:
    before, after = session.beside(number)
    with st.container(horizontal=True, width="content"):
        for text, icon, other in (("Previous", "arrow_left_alt", before), ("Next", "arrow_right_alt", after)):
            st.button(
                text, key=f"predict_{text.lower()}", icon=f":material/{icon}:", disabled=other is None,
                on_click=session.open_picture, args=(other,),
            )  # fmt: skip


def _show_picture(run: AnsweringRun, answers: Answers, picture: TrayPicture) -> None:
    layer = heat_map.ask(run, answers, picture)
    address = f"{tray_url(answers.tray.name, picture.number)}/view"
    alt = html.attribute(picture.name, 200)
    over = ""
    if layer:
        data = base64.b64encode(layer).decode("ascii")
        over = f'<img src="data:image/png;base64,{data}" alt="Heat map" style="position:absolute;inset:0;{_WHOLE}">'
    html.show(
        f'<div style="position:relative;{_frame(picture_size.of(answers, picture))};min-height:1px;border-radius:8px">'
        f'<img src="{escape(address, quote=True)}" alt="{alt}" style="{_WHOLE}">{over}</div>'
    )


def _frame(size: tuple[int, int]) -> str:
    """The style that keeps the picture's place while it loads, as large as it can be."""
    width, height = size
    width_px = max(1, min(_WIDTH_PX, round(_HEIGHT_PX * width / height)))
    sharp = ";image-rendering:pixelated" if max(size) <= _TINY_PX else ""
    return f"width:{width_px}px;max-width:100%;aspect-ratio:{width}/{height}{sharp}"


def _show_bars(run: AnsweringRun, answer: Prediction, is_named: bool) -> None:
    assert answer.probabilities is not None
    best = int(np.argmax(answer.probabilities))
    if is_named:
        st.caption(run.run.name)
    sure = per_cent(float(answer.probabilities[best]))
    st.markdown(f"### {formatting.plain(run.names[best], 60)} · {sure}", unsafe_allow_html=False)
    _show_familiarity(run, answer.familiarity)
    bars = charts.probability_bars(run.names, answer.probabilities, run.positions, MOST_BARS)
    charts.show(bars, f"predict_bars_{run.run.id}", f"Probabilities of {formatting.shorten(answer.name, 60)}")
    if len(run.names) > MOST_BARS:
        with st.expander(f"All {len(run.names):,} labels"):
            order = np.argsort(-answer.probabilities, kind="stable")
            table = pd.DataFrame(
                {"Label": [run.names[i] for i in order], "Probability": 100 * answer.probabilities[order].astype(float)}
            )
            column = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)
            st.dataframe(table, hide_index=True, column_config={"Probability": column}, height=320)


def _show_familiarity(run: AnsweringRun, familiarity: Familiarity | None) -> None:
    if familiarity and familiarity.is_unfamiliar:
        st.warning(
            f"**Unfamiliar.** It is less like the pictures that {run.run.name} has learnt from than 95 % of the "
            "pictures held out are, so the label may mean little. Look at the known pictures below.",
            icon=":material/help:",
        )
    elif familiarity and familiarity.is_unfamiliar is None:
        st.caption("Too few pictures are held out to say whether this one is unfamiliar.")


def _show_known(project: ProjectSummary, sha: str, picture: TrayPicture) -> None:
    """Whether the project has the picture, and under which label."""
    labels = known_images.labels(project.id, [sha]).get(sha)
    if labels:
        st.markdown(f":material/done_all: In the project as **{formatting.plain(labels, 60)}**.")
    if picture.image_id is not None:
        st.caption("The address of this page is a link to this answer.")


def _show_nearest(project: ProjectSummary, run: AnsweringRun, familiarity: Familiarity) -> None:
    cosines = dict(familiarity.nearest)
    labels = {label.id: label for label in projects.labels(project.id)}
    rows = [row for row in images.image_rows(list(cosines)) if row.state == "active"]
    rows.sort(key=lambda row: -cosines[row.id])
    if not rows:
        return
    st.markdown(f"**The known pictures most like it**, of those that {run.run.name} has learnt from")
    shown = [
        Card(
            row.sha,
            f"{row.file_name}: similarity {cosines[row.id]:.2f}",
            tags=(cards.tag(labels.get(row.label_id)),),
            lines=(f"Similarity {cosines[row.id]:.2f}",),
        )
        for row in rows[:_N_NEAREST]
    ]
    cards.show(shown, "predict_nearest")
