"""Many pictures: progress, filters, and the answers as cards, as a table and as charts."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.prediction.client import Prediction
from curate.tray.answers import Answers
from curate.ui import charts
from curate.ui.predict import add_to_project, cards_view, downloads, filters, known_images, results, session, table_view
from curate.ui.predict.answering_runs import AnsweringRun
from curate.ui.rendering import formatting

_VIEWS = {
    "cards": ":material/grid_view: Cards",
    "table": ":material/table: Table",
    "charts": ":material/bar_chart: Charts",
}
_MOST_NAMED = 5


def show(project: ProjectSummary, runs: list[AnsweringRun], answers: Answers) -> None:
    """Draw what is answered so far."""
    every = results.collect(runs[0].names, answers.of(runs[0].run.id))
    _show_head(answers, every)
    # Always there, so that what stands below keeps its place while answers come.
    with st.container():
        _show_progress(runs, answers)
    with st.container():
        _show_refused(answers, runs[0])
    with st.container():
        if len(every.numbers):
            _show_answers(project, runs, answers, every)


def _show_answers(project: ProjectSummary, runs: list[AnsweringRun], answers: Answers, every: results.Results) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "View", list(_VIEWS), format_func=_VIEWS.__getitem__, default="cards", required=True, key="predict_view",
            label_visibility="collapsed",
        )  # fmt: skip
    with st.container():
        if view == "charts":
            _show_charts(runs[0], every)
            chosen = []
        else:
            rows = _choose_rows(project, runs, answers, every)
            chosen = cards_view.show(answers.tray, rows) if view == "cards" else table_view.show(answers.tray, rows)
    with st.container():
        if chosen:
            add_to_project.show(project, runs[0], answers, chosen)
    downloads.show(every)


def _choose_rows(
    project: ProjectSummary, runs: list[AnsweringRun], answers: Answers, every: results.Results
) -> table_view.Rows:
    """The answers that pass the filters, of both runs where there are two."""
    both, other = every, None
    if len(runs) > 1:
        first, beside = (answers.of(each.run.id) for each in runs)
        common = _common(every, beside)
        both, other = results.collect(runs[0].names, first, common), results.collect(runs[1].names, beside, common)
    known = known_images.labels(project.id, list(answers.shas.values()))
    by_number = {number: known.get(sha, "") for number, sha in answers.shas.items()}
    return table_view.Rows(runs, both, other, filters.choose(both, other), by_number)


def _common(every: results.Results, beside: dict[int, Prediction]) -> list[int]:
    """The pictures that both runs have answered."""
    return [n for n in every.numbers.tolist() if n in beside and beside[n].probabilities is not None]


def _show_head(answers: Answers, every: results.Results) -> None:
    n_all, n_unfamiliar = len(answers.tray.pictures), int(every.is_unfamiliar.sum())
    unfamiliar = f" · {n_unfamiliar:,} unfamiliar" if n_unfamiliar else ""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{formatting.counted(n_all, 'picture')}**{unfamiliar}", width="content")
        st.button("Remove all", key="predict_remove_all", icon=":material/close:", on_click=session.remove_all)


def _show_progress(runs: list[AnsweringRun], answers: Answers) -> None:
    run_ids = [each.run.id for each in runs]
    n_answers, n_waiting = len(answers.tray.pictures) * len(runs), answers.n_waiting(run_ids)
    if n_waiting:
        left_s = answers.seconds_left(run_ids)
        pace = f" · {answers.n_timed / answers.seconds:,.0f} a second" if answers.seconds else ""
        left = f" · {formatting.duration(left_s)} left" if left_s is not None else ""
        done = n_answers - n_waiting
        st.progress(done / n_answers, f"{done:,} of {n_answers:,} answers{pace}{left}")


def _show_refused(answers: Answers, run: AnsweringRun) -> None:
    refused = [each for each in answers.of(run.run.id).values() if each.error]
    if not refused:
        return
    shown = [f"- {formatting.plain(e.name, 80)}: {formatting.plain(e.error or '')}" for e in refused[:_MOST_NAMED]]
    more = [f"- and {len(refused) - _MOST_NAMED:,} more"] if len(refused) > _MOST_NAMED else []
    head = f"{formatting.counted(len(refused), 'file')} could not be read; the rest is answered."
    st.warning("\n".join([head, "", *shown, *more]), icon=":material/broken_image:")


def _show_charts(run: AnsweringRun, every: results.Results) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown("**Pictures by predicted label**")
        drawn = charts.predicted_counts(run.names, every.predicted, run.positions)
        charts.show(drawn, "predict_counts", "Pictures by predicted label")
    with right:
        st.markdown("**How sure it is**")
        charts.show(charts.confidence_histogram(every.confidence), "predict_confidence", "Pictures by confidence")
    st.dataframe(results.summarise(every), hide_index=True, key="predict_summary")
