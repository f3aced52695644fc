"""The overview of a project: its numbers, and its labels with some pictures; and the list of all projects."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from curate import jobs, settings
from curate.catalog import projects, runs, samples, versions
from curate.catalog.best_run import best_run
from curate.catalog.jobs import OPEN
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.evaluation import per_cent
from curate.gather import planted
from curate.review.deciding.decisions import waiting
from curate.review.deciding.label_conflicts import find_label_conflicts
from curate.review.listing.score_columns import has_doubts
from curate.review.reports import confirmed_accuracy
from curate.review.reports.label_noise import find_noise
from curate.ui import charts
from curate.ui.overview import loop_progress
from curate.ui.rendering import formatting, html, tiles
from curate.ui.shell import current_project, guards, identity, navigation, next_step

WHAT_IT_IS = (
    "Train first, then clean: Curate trains an image classifier on your pictures, shows you what it found hard, "
    "lets you put the labels right, and measures what that was worth."
)
MOST_LABELS = 24  # with pictures on this page; the others are numbers in the chart
N_SAMPLES = 8
KINDS_OF_PROBLEM = {"swapped": "swapped labels", "duplicate": "wrong copies", "foreign": "foreign pictures"}


def show_start() -> None:
    """Show what Curate is, and the three ways to begin."""
    st.title("Find the wrong labels in your pictures", anchor=False)
    st.markdown(WHAT_IT_IS)
    with st.grid(3, min_column_width=280, gap="medium"):
        with st.container(border=True, height="stretch"):
            st.subheader("Look around", anchor=False)
            st.markdown(
                "1,823 pictures of handwritten digits, with 90 planted mistakes for you to find. "
                "Training takes about a minute."
            )
            st.space("stretch")
            _sample_button("Open the sample project", "primary")
        with st.container(border=True, height="stretch"):
            st.subheader("Bring your own", anchor=False)
            st.markdown(
                "A folder with one sub-folder for each label, a zip of one, or loose pictures. "
                "Your files are copied, never changed."
            )
            st.space("stretch")
            _import_button("Import a folder")
        with st.container(border=True, height="stretch"):
            st.subheader("Search the web", anchor=False)
            st.markdown(
                "Name what you want to tell apart; Curate finds openly licensed pictures of each, "
                "leaves out what is broken or there twice, and keeps whose they are."
            )
            st.space("stretch")
            if st.button("Search the web for pictures", key="search_web", icon=":material/travel_explore:"):
                navigation.go("gather", {"into": "new", "from": "search"})


def show_heading(project: ProjectSummary) -> None:
    """Show the project's name and facts, and the button to its next step."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(formatting.plain(project.name, 60), anchor=False, width="content")
        next_step.next_step(project, here="overview")
    _show_facts(project)
    loop_progress.show_stages(project)


def show_project(project: ProjectSummary) -> None:
    """Show the chosen project: its numbers, its problems, its labels and some of their pictures."""
    _show_numbers(project)
    _show_twins(project)
    _show_doubtful(project)
    if project.is_sample:
        _show_planted(project)
    if project.n_images:
        _show_labels(project)


def show_projects(known: list[ProjectSummary], chosen: ProjectSummary | None) -> None:
    """Show all projects, and the ways to another."""
    st.subheader("Projects", anchor=False)
    with st.grid("auto", min_column_width=260, gap="small"):
        for project in known:
            with st.container(border=True, gap="xxsmall", height="stretch"):
                _open_button(project, is_here=chosen is not None and project.id == chosen.id)
                st.caption(
                    f"{_amount(project)} · {formatting.counted(project.n_labels, 'label')}"
                    f" · version {project.version_number} · made {formatting.ago(project.created_at)}"
                )
    with st.container(horizontal=True):
        _import_button("Import a folder")
        if not any(project.is_sample for project in known):
            _sample_button("Open the sample project")


def _amount(project: ProjectSummary) -> str:
    images = formatting.counted(project.n_images, "image")
    return f"{images}, {project.n_unlabelled:,} more without a label" if project.n_unlabelled else images


def _sample_button(label: str, kind: Literal["primary", "secondary"] = "secondary") -> None:
    busy = any(job.kind == "sample" for job in jobs.list_jobs(statuses=OPEN))
    if st.button(label, key="sample", icon=":material/science:", type=kind, disabled=busy):
        with guards.shown_errors():
            jobs.enqueue("sample", None, {}, submitted_by=identity.reviewer())
            st.rerun()


def _open_button(project: ProjectSummary, is_here: bool) -> None:
    name = formatting.plain(project.name, 60)
    if is_here:
        st.markdown(f":material/folder_open: **{name}**")
    elif st.button(name, key=f"open_{project.id}", type="tertiary", icon=":material/folder:"):
        current_project.choose(project.id)
        st.rerun()


def _import_button(label: str) -> None:
    if st.button(label, key="import", icon=":material/create_new_folder:"):
        navigation.go("gather", {"into": "new", "from": "folder"})


def _show_facts(project: ProjectSummary) -> None:
    facts = ["Sample project"] if project.is_sample else []
    facts += [f"{project.valid_pct:g} % held out for validation (seed {project.split_seed})"]
    if project.source_folder:
        facts += [f"from {project.source_folder}"]
    pieces = [html.text(f"{' · '.join(facts)} · made"), html.moment(project.created_at)]
    html.show(html.quiet(" ".join(pieces)))


def _show_numbers(project: ProjectSummary) -> None:
    finished = runs.list_runs(project.id, only_done=True)
    best = best_run(finished, "answer") if finished else None
    waits = waiting(project.id)
    head = versions.find_version(project.id, project.version_number) if project.version_number else None
    split = f"{project.n_train:,} train · {project.n_valid:,} valid"
    by = " · ".join(f"{n:,} {name}" for name, n in (("keep", waits.n_keep), ("delete", waits.n_delete)) if n)
    relabel = f"{waits.n_relabel:,} relabel" if waits.n_relabel else ""
    with st.grid(5, min_column_width=130, gap="small"):
        if project.n_unlabelled:
            split = f"{split} · {project.n_unlabelled:,} more without a label"
        tiles.number("Images", formatting.count(project.n_images), split)
        tiles.number("Labels", formatting.count(project.n_labels), "in use")
        tiles.number("Version", str(project.version_number), formatting.ago(head.created_at) if head else "nothing yet")
        run = best.run if best else None
        accuracy = per_cent(run.accuracy) if run and run.accuracy is not None else "–"
        when = f"{run.name}, {formatting.ago(run.finished_at)}" if run and run.finished_at else "not trained yet"
        on_gold = confirmed_accuracy.describe(run.id) if run else ""
        reason = f" {best.reason}" if best and best.reason else ""
        help_text = f"The share of validation pictures that the run gets right.{reason}"
        tiles.number("Accuracy", accuracy, on_gold or when, f"{help_text} {when}." if on_gold else help_text)
        tiles.number(
            "Decisions waiting", formatting.count(waits.total), " · ".join(filter(None, (by, relabel))) or "none"
        )


def _show_twins(project: ProjectSummary) -> None:
    n = count_label_conflicts(project)
    if not n:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        is_one = n == 1
        st.markdown(
            f":orange[:material/warning:] **{formatting.counted(n, 'picture')}** {'is' if is_one else 'are'} filed "
            f"under two labels at once; at most one of them can be right.",
            width="content",
        )
        navigation.link("gather", "Decide which")


def _show_doubtful(project: ProjectSummary) -> None:
    """Show how many labels the best run's held-out evidence doubts, with a link to those pictures."""
    finished = runs.list_runs(project.id, only_done=True)
    run = best_run(finished, "review").run if finished else None
    if run is None or not has_doubts(run.id):
        return
    n = find_noise(run.id).n_wrong
    if n:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f":orange[:material/help:] **{formatting.counted(n, 'picture')}** {'looks' if n == 1 else 'look'} more "
                f"like another label to models that had not seen {'it' if n == 1 else 'them'} ({run.name}). Whether "
                "the label is wrong, a look will tell.",
                width="content",
            )
            navigation.link("curate", "Most doubtful first")


def count_label_conflicts(project: ProjectSummary) -> int:
    """Returns how many pictures of the project have several labels and are not settled."""
    # They only change with a version; at a million images the look takes seconds.
    return _count_twins(settings.database_url(), project.id, project.version_number)


@lru_cache(maxsize=200)
def _count_twins(_database: str, project_id: int, _version: int) -> int:
    return len(find_label_conflicts(project_id))


def _show_planted(project: ProjectSummary) -> None:
    progress = planted.count_found(project.id)
    if not progress.n_planted:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**You found {progress.n_found:,} of {progress.n_planted:,} planted problems**")
        st.progress(min(1.0, progress.n_found / progress.n_planted))
        kinds = " · ".join(
            f"{KINDS_OF_PROBLEM.get(kind, kind)}: {n} of {of_all}" for kind, (n, _, of_all) in progress.by_kind.items()
        )
        waits = f" — {progress.n_decided:,} more once your decisions are applied." if progress.n_decided else ""
        st.caption(formatting.plain(kinds) + waits)


def _show_labels(project: ProjectSummary) -> None:
    look = _look_at_labels(settings.database_url(), project.id, project.version_number)
    with st.grid(2, min_column_width=360, gap="large"):
        with st.container():
            st.subheader("Images per label", anchor=False)
            charts.show(look.chart, key="label_balance", alt=f"Images of each of the {look.n_labels} labels, by split")
        with st.container():
            st.subheader("What they look like", anchor=False)
            html.show(look.pictures)
            if look.n_labels > MOST_LABELS:
                st.caption(f"and {formatting.counted(look.n_labels - MOST_LABELS, 'label')} more")


@dataclass(frozen=True)
class _Look:
    """The drawn labels of one version; `pictures` is HTML."""

    n_labels: int
    chart: go.Figure
    pictures: str


@lru_cache(maxsize=50)  # a version's labels never change, and drawing them is half of the page's time
def _look_at_labels(_database: str, project_id: int, _version: int) -> _Look:
    labels = [label for label in projects.labels(project_id) if label.n_train + label.n_valid]
    train, valid = (np.array([getattr(label, split) for label in labels]) for split in ("n_train", "n_valid"))
    chart = charts.label_balance([label.name for label in labels], train, valid)
    return _Look(len(labels), chart, _pictures(project_id, labels[:MOST_LABELS]))


def _pictures(project_id: int, labels: list[LabelRow]) -> str:
    samples_of = samples.of_labels(project_id, [label.id for label in labels], N_SAMPLES)
    lines = [
        html.labelled(
            html.chip(label.name, label.position, 24),
            html.line([html.Shown(one.sha, one.file_name) for one in samples_of[label.id]], 48),
        )
        for label in labels
    ]
    return html.stack(lines)
