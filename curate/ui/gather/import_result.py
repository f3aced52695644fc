"""How an import ended: counts, pictures by label, files that were refused and why, pictures filed under two labels."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from curate.catalog import projects
from curate.catalog.images import ImageRow
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.jobs import JobRow, outcomes
from curate.review.deciding import label_conflicts
from curate.review.deciding.label_conflicts import LabelConflict
from curate.spreadsheet import csv_text
from curate.ui.gather import brought, plan_table
from curate.ui.rendering import formatting, html
from curate.ui.shell import guards, identity, jobs_panel, undo_key

PAIRS_SHOWN = 6
PAIR_PX = 120
MOST_ROWS, ROW_PX = 7, 36
_MORE = "more_twins"


def show_last_import(project: ProjectSummary) -> None:
    """How the project's last import ended; nothing when there was none."""
    job = jobs_panel.last_ended(project.id, ("import",))
    if job is None:
        return
    st.subheader("Last import", anchor=False)
    with st.container(border=True, gap="small"):
        by = html.text(f"{formatting.shorten(job.title, 100)} · {job.submitted_by}")
        html.show(html.quiet(f"{by} · {html.moment(job.finished_at or job.created_at)}"))
        if job.status == "done":
            _show_result(project, job)
        else:
            jobs_panel.show_failure(job, "gather")
            if refused := (job.result or {}).get("refused"):  # it worked to its end and brought nothing
                _show_refused(refused, int((job.result or {}).get("n_refused") or len(refused)), job.id)


def show_twins(project: ProjectSummary) -> None:
    """Pictures filed under two labels, each with a button for every label it may belong to."""
    groups = label_conflicts.find_label_conflicts(project.id)
    if not groups:
        return
    labels = {label.id: label for label in projects.labels(project.id)}
    n_open = sum(1 for group in groups if not group.is_decided)
    st.subheader(f"{formatting.counted(len(groups), 'picture')} filed under two labels", anchor=False)
    st.caption(
        f"The very same file lies under different labels. Say which label is right: the others are deleted when you "
        f"apply your decisions. {n_open:,} still to decide."
    )
    shown = groups if st.session_state.get(_MORE) else groups[:PAIRS_SHOWN]
    newest = undo_key.find_newest(_undo_buttons(shown))
    with st.grid("auto", min_column_width=300, gap="small"):
        for group in shown:
            _show_group(project, group, labels, newest)
    if len(groups) > len(shown):
        st.button(f"Show all {len(groups):,}", key="all_twins", on_click=_show_more)


def _show_result(project: ProjectSummary, job: JobRow) -> None:
    result = job.result or {}
    st.markdown(f":green[:material/check_circle:] **{formatting.plain(outcomes.imported(job))}**")
    if notes := _notes(result):
        st.caption(notes)
    brought.show_labels(project, job)
    if result.get("refused"):
        _show_refused(result["refused"], result.get("n_refused", len(result["refused"])), job.id)
    if result.get("leaks"):
        n_leaks = result.get("n_leaks", len(result["leaks"]))
        with st.expander(f"{formatting.counted(n_leaks, 'file')} moved to the other side of the split"):
            st.caption("A near-duplicate lies on that side: a model must not be tested on what it was trained on.")
            st.dataframe(pd.DataFrame({"File": result["leaks"]}), hide_index=True, alt="Files moved between splits")
    brought.show_way_on(project, job)


def _notes(result: dict[str, Any]) -> str:
    if result.get("seconds") is None:
        return ""
    n_files = formatting.counted(result.get("n_found") or 0, "file")
    notes = [f"{n_files} looked at in {formatting.duration(result['seconds'])}"]
    if n := result.get("n_near_duplicate_groups"):
        notes.append(f"{formatting.counted(n, 'group')} of near-duplicates kept on one side of the split")
    return " · ".join(notes)


def _show_refused(refused: list[list[str]], n_refused: int, job_id: int) -> None:
    """n_refused: of all, of which `refused` may be the first."""
    first = f" The first {len(refused):,}:" if n_refused > len(refused) else ""
    st.markdown(f":orange[:material/warning:] {formatting.counted(n_refused, 'file')} could not be taken in.{first}")
    table = pd.DataFrame([(file, plan_table.as_cell(why)) for file, why in refused], columns=["File", "Why"])
    # A thousand refusals must not push the page away.
    height: Literal["content"] | int = "content" if len(refused) < MOST_ROWS else ROW_PX * MOST_ROWS
    st.dataframe(table, hide_index=True, height=height, alt="Files that were refused, and why")
    data = csv_text([("file", "why"), *refused])
    st.download_button(
        "Download the list", data, "refused.csv", "text/csv", key=f"refused_{job_id}", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip


def _undo_buttons(groups: list[LabelConflict]) -> dict[str, int]:
    """The key of each undo button on the page, with the number of this visitor's newest decision behind it."""
    who = identity.reviewer()
    return {_undo_key(group): group.newest_decision_of(who) for group in groups if group.is_decided}


def _undo_key(group: LabelConflict) -> str:
    return f"undo_{group.images[0].id}"


def _show_group(project: ProjectSummary, group: LabelConflict, labels: dict[int, LabelRow], newest: str | None) -> None:
    with st.container(border=True, gap="small", key=f"twins_{group.images[0].id}"):
        lines = [_image_line(image, labels) for image in group.images]
        shown = html.picture(html.Shown(group.sha, group.images[0].file_name), PAIR_PX)
        html.show(html.beside(shown, html.stack(lines)))
        with st.container(horizontal=True, gap="xsmall"):
            if group.is_decided:
                if undo_key.show_button(_undo_key(group), newest):
                    _act(partial(_undo, project, group))
            else:
                _show_choices(project, group, labels)


def _show_choices(project: ProjectSummary, group: LabelConflict, labels: dict[int, LabelRow]) -> None:
    key = group.images[0].id
    for label_id in group.label_ids:
        keep = partial(_keep, project, group, label_id)
        _button(f"It is {formatting.plain(labels[label_id].name, 30)}", f"is_{key}_{label_id}", keep)
    _button("Both are right", f"both_{key}", partial(_keep, project, group, None), "tertiary")


def _keep(project: ProjectSummary, group: LabelConflict, label_id: int | None) -> None:
    """Keep what is filed under that label; None = under every label."""
    if label_id is None:
        label_conflicts.decide_all(project.id, group, "keep", identity.reviewer())
    else:
        label_conflicts.keep_only(project.id, group, label_id, identity.reviewer())
    undo_key.remember(_undo_key(group))


def _undo(project: ProjectSummary, group: LabelConflict) -> None:
    label_conflicts.decide_all(project.id, group, "clear", identity.reviewer())
    undo_key.forget(_undo_key(group))


def _image_line(image: ImageRow, labels: dict[int, LabelRow]) -> str:
    label = labels[image.label_id]
    said = html.sign(image.decision) if image.decision else ""
    file = html.quiet(html.text(f"{image.file_name} · {image.split}", 60))
    return f"<div>{html.row(said, html.chip(label.name, label.position))}{file}</div>"


def _button(text: str, key: str, act: Callable[[], None], kind: Literal["secondary", "tertiary"] = "secondary") -> None:
    if st.button(text, key=key, type=kind):
        _act(act)


def _act(act: Callable[[], None]) -> None:
    with guards.shown_errors():
        act()
        st.rerun()


def _show_more() -> None:
    st.session_state[_MORE] = True
