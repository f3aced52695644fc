"""The result of an experiment, while it runs and afterwards: its state, a plot, and a table of its runs."""

import pandas as pd
import streamlit as st

from curate import evaluation, settings
from curate.catalog import experiments, runs, versions
from curate.catalog.experiments import ExperimentRow, Trial
from curate.catalog.projects import ProjectSummary
from curate.evaluation import Interval, per_cent, pictures, points
from curate.evaluation.comparison import ends_in_words, is_beyond_chance
from curate.review.reports import run_comparison
from curate.ui import charts
from curate.ui.charts import experiment as charts_experiment
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import guards, navigation, query_params
from curate.ui.train import experiment_values, settings_state

ADDRESS = "experiment"  # ?experiment=3


def show_experiments(project: ProjectSummary) -> None:
    """Show the experiment that the URL names, else the newest; nothing without experiments."""
    known = {one.id: one for one in experiments.list_experiments(project.id)}
    if not known:
        return
    st.subheader("Experiments", anchor=False)
    experiment = _choose(known)
    trials = experiments.trials(experiment)
    _show_state(experiment, trials)
    done = [trial for trial in trials if trial.run and trial.run.accuracy is not None]
    if done:
        points = [_point(experiment, trial) for trial in done]
        drawn = charts_experiment.accuracy_by_setting(points, *_axes(experiment))
        charts.show(drawn, "experiment_plot", _alt(done), on_select=_take_click, selection_mode="points")
        st.markdown(formatting.plain(sentence(experiment, done), 500))
    _show_table(experiment, trials)


def sentence(experiment: ExperimentRow, done: list[Trial]) -> str:
    """Returns which finished run is best, and the lowest value whose run cannot be told apart from it by chance.

    Two runs are compared on the pictures that both held out, with the interval that the Compare page shows.
    """
    best = max(done, key=_accuracy)
    words = f"Best so far: {_name(experiment, best)} with {per_cent(_accuracy(best))}."
    name = next(iter(experiment.grid))
    lower = sorted((one for one in done if one.values < best.values), key=lambda one: one.values)
    if len(experiment.grid) > 1 or not experiment_values.is_number(name) or not lower:
        return words
    for trial in lower:
        n, change = _change(trial, best)
        if not (is_beyond_chance(n, change) and change.value > 0):
            return f"{words} {_compared(experiment, trial, n, change)}: it cannot be told apart from chance."
    return f"{words} {_compared(experiment, trial, n, change)}, more than chance explains."


def _compared(experiment: ExperimentRow, lower: Trial, n: int, change: Interval) -> str:
    """Returns the accuracy of the run with a lower value and the best run's advantage, without a conclusion."""
    reached = f"{_capital(_name(experiment, lower))} reaches {per_cent(_accuracy(lower))}"
    if n == 0:
        return f"{reached}; the two runs share no held-out picture"
    return f"{reached}; the best has {points(change.value)} points {ends_in_words(change)} on the same {pictures(n)}"


def _change(lower: Trial, best: Trial) -> tuple[int, Interval]:
    """Returns the number of pictures that both runs held out, and by how much `best` is better on them."""
    assert lower.run is not None and best.run is not None
    head_id = versions.head_id(best.run.project_id)
    return _measure_change(settings.database_url(), head_id, lower.run.id, best.run.id)


# At a million images a comparison takes 1.2 s. Scores never change, so labels (the head version) and runs are the key.
@st.cache_data(max_entries=500, show_spinner=False)
def _measure_change(database: str, head_id: int, lower_id: int, best_id: int) -> tuple[int, Interval]:
    comparison = run_comparison.compare_runs(runs.find_run(lower_id), runs.find_run(best_id)).comparison
    return comparison.n, comparison.difference


def interval(trial: Trial) -> Interval:
    """Returns the accuracy of a finished run with its 95 % interval."""
    run = trial.run
    if run is None or run.accuracy is None:
        return Interval(float("nan"), 0.0, 1.0)
    return evaluation.accuracy_interval(round(run.accuracy * run.n_valid), run.n_valid)


def _choose(known: dict[int, ExperimentRow]) -> ExperimentRow:
    in_address = query_params.read_number(ADDRESS)
    chosen = in_address if in_address in known else next(iter(known))
    if len(known) > 1:
        st.selectbox(
            "Experiment", list(known), key="chosen_experiment", label_visibility="collapsed",
            format_func=lambda key: f"{known[key].name} · {formatting.ago(known[key].created_at)}",
            on_change=query_params.bind("chosen_experiment", ADDRESS, chosen),
        )  # fmt: skip
    return known[chosen]


def _show_state(experiment: ExperimentRow, trials: list[Trial]) -> None:
    n = {status: sum(one.status == status for one in trials) for status in ("done", "running", "queued", "failed")}
    named = (("running", "running"), ("queued", "waiting"), ("failed", "failed"))
    parts = [
        f"{n['done']} of {formatting.counted(len(trials), 'run')} done",
        *(f"{n[s]} {w}" for s, w in named if n[s]),
    ]
    base = run_text.config_in_short({k: v for k, v in experiment.config.items() if k not in experiment.grid})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{formatting.plain(experiment.name, 80)}** · {', '.join(parts)} · {formatting.plain(base, 120)} · "
            f"{formatting.plain(experiment.author, 40)}, {formatting.ago(experiment.created_at)}"
        )
        if n["queued"] and st.button(
            f"Cancel the {formatting.counted(n['queued'], 'run')} that wait",
            key="cancel_rest",
            icon=":material/cancel:",
        ):
            with guards.shown_errors():
                experiments.cancel_waiting(experiment)
                st.rerun()


def _axes(experiment: ExperimentRow) -> tuple[str, str]:
    names = [run_text.setting_name(name) for name in experiment.grid]
    if "share" in experiment.grid:
        names[list(experiment.grid).index("share")] = "pictures learnt from"
    return names[0], names[1] if len(names) > 1 else ""


def _point(experiment: ExperimentRow, trial: Trial) -> charts_experiment.Point:
    names = list(experiment.grid)
    x = trial.values[0]
    if names[0] == "share" and trial.run:  # the axis shows the number of pictures
        x = round(x * trial.run.n_train) if x <= 1 else x
    series = experiment_values.value_text(names[1], trial.values[1]) if len(names) > 1 else ""
    words = f"{trial.run.name if trial.run else ''}: {_name(experiment, trial)}"
    return charts_experiment.Point(x, series, interval(trial), words, trial.run.id if trial.run else 0)


def _show_table(experiment: ExperimentRow, trials: list[Trial]) -> None:
    table = pd.DataFrame([_row(experiment, trial) for trial in trials])
    st.dataframe(table, hide_index=True, key="experiment_table", width="stretch")
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Download as CSV", formatting.table_csv(table), f"experiment_{experiment.id}.csv", "text/csv",
            icon=":material/download:", key="experiment_csv",
        )  # fmt: skip
        best = max((one for one in trials if one.run and one.run.accuracy is not None), key=_accuracy, default=None)
        if best and best.run:
            st.button(
                f"Go on with the settings of {best.run.name}", key="copy_best", icon=":material/content_copy:",
                on_click=settings_state.begin_with, kwargs={"run_id": best.run.id, "settings": "open"},
            )  # fmt: skip
            navigation.link("evaluate", f"Evaluate {best.run.name}", {"run": str(best.run.id)})


def _row(experiment: ExperimentRow, trial: Trial) -> dict[str, object]:
    settings: dict[str, object] = {
        run_text.setting_name(name): experiment_values.value_text(name, value)
        for name, value in zip(experiment.grid, trial.values, strict=True)
    }
    run, accuracy = trial.run, interval(trial)
    has = run is not None and run.accuracy is not None
    return settings | {
        "Accuracy": per_cent(accuracy.value) if has else "–",
        "95 % interval": f"{100 * accuracy.low:.1f} to {100 * accuracy.high:.1f} %" if has else "–",
        "Time": formatting.duration(run.seconds) if run and run.seconds else "–",
        "Run": run.name if run else "–",
        "Status": trial.status,
    }


def _name(experiment: ExperimentRow, trial: Trial) -> str:
    pairs = zip(experiment.grid, trial.values, strict=True)
    return ", ".join(
        f"{run_text.setting_name(name).lower()} {experiment_values.value_text(name, value)}" for name, value in pairs
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _accuracy(trial: Trial) -> float:
    return (trial.run.accuracy or 0.0) if trial.run else 0.0


def _alt(done: list[Trial]) -> str:
    accuracies = ", ".join(f"{'/'.join(map(str, one.values))}: {per_cent(_accuracy(one))}" for one in done)
    return f"Validation accuracy by setting: {accuracies}"


def _take_click() -> None:
    run_id = charts_experiment.read_run(st.session_state["experiment_plot"])
    if run_id:
        query_params.write(run=run_id)
