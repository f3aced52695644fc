"""What an import or a gathering brought: some of its pictures by label, and the one button that leads on."""

from functools import lru_cache

import streamlit as st

from curate import settings
from curate.catalog import projects, samples
from curate.catalog.projects import ProjectSummary
from curate.jobs import JobRow
from curate.ui.rendering import formatting, html
from curate.ui.shell import jobs_panel, next_step

MOST_LABELS = 24
N_SAMPLES = 8
SAMPLE_PX = 48


def latest_news(project: ProjectSummary | None) -> JobRow | None:
    """The project's last import or gathering, when it brought pictures and ended while this visitor was here."""
    job = jobs_panel.last_ended(project.id, ("import", "gather")) if project else None
    return job if job and job.status == "done" and jobs_panel.was_watched(job) and _n_brought(job) else None


def show_labels(project: ProjectSummary, job: JobRow) -> None:
    """A line for each label that pictures came in under: how many, and the first of them."""
    version_id = int((job.result or {}).get("version_id") or 0)
    if not version_id or not _n_brought(job):
        return
    n_labels, pictures = _by_label(settings.database_url(), project.id, project.version_number, version_id)
    html.show(pictures)
    if n_labels > MOST_LABELS:
        st.caption(f"and {formatting.counted(n_labels - MOST_LABELS, 'label')} more")


def show_way_on(project: ProjectSummary, job: JobRow) -> None:
    """The button to the next step, below what the visitor's last import or gathering brought; else nothing."""
    news = latest_news(project)
    if news and news.id == job.id:
        next_step.next_step(project, here="gather")


def _n_brought(job: JobRow) -> int:
    result = job.result or {}
    return int(result.get("n_added") or result.get("n_kept") or 0)


@lru_cache(maxsize=50)  # of a project's version, whose labels never change
def _by_label(_database: str, project_id: int, _version: int, version_id: int) -> tuple[int, str]:
    """(number of labels, HTML of the first MOST_LABELS)."""
    labels = {label.id: label for label in projects.labels(project_id)}
    added = [each for each in samples.of_version(version_id, N_SAMPLES) if each.label_id in labels]
    added.sort(key=lambda each: labels[each.label_id].position)
    return len(added), html.stack([_line(each, labels[each.label_id]) for each in added[:MOST_LABELS]])


def _line(added: samples.AddedLabel, label: projects.LabelRow) -> str:
    name = html.chip(label.name, label.position, 24) + html.quiet(formatting.counted(added.n, "picture"))
    return html.labelled(name, html.line([html.Shown(one.sha, one.file_name) for one in added.samples], SAMPLE_PX))
