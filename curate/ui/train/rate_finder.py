"""The learning-rate finder on the Train page: its job, its curve, and a click that takes a rate."""

from functools import partial

import streamlit as st

from curate import jobs
from curate.catalog.jobs import OPEN
from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import learning_rate
from curate.jobs.submit.learning_rate import FinderResult
from curate.training.settings.config import TrainConfig
from curate.training.settings.table import SETTINGS
from curate.ui import charts
from curate.ui.charts import learning_rate as charts_learning_rate
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import guards, identity, jobs_panel
from curate.ui.train import settings_state

KIND = "find_rate"
SUGGESTIONS = {
    "valley": "in the middle of the longest descent: fastai's default",
    "slide": "just before the loss begins to rise: a large rate",
    "minimum": "a tenth of the rate with the lowest loss",
    "steep": "where the loss falls fastest",
}
# The settings that a curve depends on; measured with other values, it says little.
_DEPENDS_ON = tuple(name for name, setting in SETTINGS.items() if setting.in_rate_curve)


def show_finder(project: ProjectSummary, config: TrainConfig) -> None:
    """Show the button that starts the finder, its job while it runs, and the newest curve."""
    st.markdown("**Learning-rate finder**")
    result = learning_rate.newest(project.id)
    if any(job.kind == KIND for job in jobs.list_jobs(project.id, statuses=OPEN)):
        jobs_panel.job_panel(project, (KIND,))
    else:
        _show_find_button(project, config, is_first=result is None)
        ended = jobs_panel.last_ended(project.id, (KIND,))
        if ended and ended.status != "done":
            jobs_panel.show_failure(ended, "finder")
    if result:
        _show_curve(result, config)


def _show_find_button(project: ProjectSummary, config: TrainConfig, is_first: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Find a rate" if is_first else "Find again", key="find_rate", icon=":material/search_insights:"):
            with guards.shown_errors():
                learning_rate.submit(project.id, config, identity.reviewer())
                st.rerun()
        st.caption(
            "Trains for about a hundred batches with a rate that grows from tiny to absurd, and shows where the loss "
            "falls. Nothing of it is kept.",
            width="stretch",
        )


def _show_curve(result: FinderResult, config: TrainConfig) -> None:
    _show_settings_of_result(result, config)
    suggestions = {name: rate for name, rate in result.suggestions.items() if rate}
    drawn = charts_learning_rate.finder_curve(result.rates, result.losses, suggestions, config.learning_rate)
    alt = "Loss by learning rate. " + ", ".join(f"{name}: {rate:.1e}" for name, rate in suggestions.items())
    charts.show(drawn, "finder", alt, on_select=_take_click, selection_mode="points")
    st.caption("Click a point or a mark to take its rate, or take one of fastai's suggestions:")
    with st.container(horizontal=True):
        for name, rate in suggestions.items():
            st.button(
                f"{name.capitalize()} {rate:.1e}", key=f"take_{name}", on_click=partial(_take, rate),
                help=SUGGESTIONS.get(name), icon=":material/check:" if _is_taken(config, rate) else None,
            )  # fmt: skip


def _show_settings_of_result(result: FinderResult, config: TrainConfig) -> None:
    then, now = result.config.to_json(), config.to_json()
    changed = run_text.differences(
        {name: then[name] for name in _DEPENDS_ON}, {name: now[name] for name in _DEPENDS_ON}
    )
    when = formatting.ago(result.finished_at) if result.finished_at else "before"
    if changed:
        changes = "; ".join(f"{name}: {before}, now {after}" for name, before, after in changed[:4])
        st.caption(
            f":material/info: Measured {when} with other settings ({formatting.plain(changes)}). Find again to be sure."
        )
    else:
        st.caption(f"Measured {when} with these settings.")


def _take_click() -> None:
    rate = charts_learning_rate.read_rate(st.session_state["finder"])
    if rate is not None:  # None: a second click, or the figure was drawn anew
        _take(rate)


def _take(rate: float) -> None:
    settings_state.change(learning_rate=float(f"{rate:.2g}"))


def _is_taken(config: TrainConfig, rate: float) -> bool:
    return config.learning_rate == float(f"{rate:.2g}")
