"""One finished run on the Train page: its facts, and actions on its settings."""

import pandas as pd
import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.ui import charts
from curate.ui.rendering import formatting, run_text
from curate.ui.shell import navigation
from curate.ui.train import fastai_code, progress, settings_state, start


def show_run(project: ProjectSummary, run: RunRow) -> None:
    """Show the run's facts, the actions on its settings, and its epochs."""
    with st.container(border=True, key="run_card"):
        st.markdown(f"**{run.name}** · {formatting.plain(run_text.in_short(run), 300)}")
        for fact in run_facts(run):
            st.caption(formatting.plain(fact, 500))
        if not run.has_model:
            navigation.link("evaluate", f"Evaluate {run.name}", {"run": str(run.id)})
            return
        _show_actions(project, run)
        epochs = runs.epochs(run.id)
        progress.warn_of_overfitting(epochs)
        if len(epochs):
            with st.expander("How it learnt", icon=":material/show_chart:"):
                progress.epoch_table(epochs)
                progress.curves(charts.epoch_charts(epochs), epochs, f"run_{run.id}")
        with st.expander("Its settings", icon=":material/tune:"):
            _show_settings(run)
        fastai_code.show_code(project, settings_state.config_of(run), key="run")


def run_facts(run: RunRow) -> list[str]:
    """Returns sentences on the course of the training and its time by phase. Plain text."""
    facts = run.facts or {}
    sentences = [str(note) for note in facts.get("notes") or []]
    if phases := facts.get("seconds"):
        slowest = sorted(phases.items(), key=lambda phase: -phase[1])
        shown = ", ".join(f"{name} {formatting.duration(seconds)}" for name, seconds in slowest if seconds >= 0.05)
        sentences.append(f"Where the time went: {shown}.")
    return sentences


def _show_actions(project: ProjectSummary, run: RunRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        navigation.link("evaluate", f"Evaluate {run.name}", {"run": str(run.id)})
        st.button(
            "Copy its settings", key="copy_run", icon=":material/content_copy:",
            on_click=settings_state.begin_with, kwargs={"run_id": run.id, "settings": "open"},
            help="Into the form above, to change some of them.",
        )  # fmt: skip
        if st.button(
            "Train again exactly", key="repeat_run", icon=":material/replay:",
            help="The same settings and seed. On a CPU, and on the same version, the figures come out the same.",
        ):  # fmt: skip
            start.start(project, settings_state.config_of(run))


def _show_settings(run: RunRow) -> None:
    table = pd.DataFrame(run_text.settings(run.config), columns=["Setting", "Value"])
    st.dataframe(table, hide_index=True, key="run_settings", width=420)
