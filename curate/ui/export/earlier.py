"""Earlier exports: when, by whom, what, how much; to download, or to delete."""

import streamlit as st

from curate.catalog import exports
from curate.catalog.exports import ExportRow
from curate.catalog.projects import ProjectSummary
from curate.data_export.formats import FORMATS
from curate.jobs.submit import export
from curate.ui.rendering import formatting
from curate.ui.rendering.image_urls import base_path
from curate.ui.shell import guards, jobs_panel

_STATUS = {"queued": "waits", "running": "is being written", "failed": "stopped", "cancelled": "cancelled"}


def show_failure(project: ProjectSummary) -> None:
    """Shows why the last export stopped, with the button that goes on."""
    job = jobs_panel.last_ended(project.id, (export.KIND,))
    if job and job.status == "failed" and not jobs_panel.open_of(project.id, (export.KIND,)):
        jobs_panel.show_failure(job, "export")


def show_earlier(project: ProjectSummary) -> None:
    """Lists the project's exports, newest first."""
    st.subheader("Exports", anchor=False)
    rows = exports.list_exports(project.id)
    if not rows:
        st.caption("Nothing has been exported yet.")
    for row in rows:
        with st.container(border=True, key=f"export_{row.id}", gap="xxsmall"):
            _show(row)


def _show(row: ExportRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**Version {row.version_number} · {_title(row)}**")
            st.caption(_facts(row))
        if row.status == "done" and row.path is None:
            address = f"{base_path()}/api/exports/{row.id}/download"
            st.link_button("Download", address, icon=":material/download:")
        if row.status not in ("queued", "running"):
            _show_removal(row)
    _show_left_out(row)
    if (n := int(row.result.get("n_formulas") or 0)) and not row.settings.get("spreadsheet"):
        st.caption(
            f":material/warning: {formatting.counted(n, 'cell')} of the table would be a formula to a spreadsheet. "
            "To open it in one, export with *For a spreadsheet*."
        )


def _title(row: ExportRow) -> str:
    return FORMATS[row.format].title if row.format in FORMATS else formatting.plain(row.format)


def _facts(row: ExportRow) -> str:
    parts = [f"{formatting.plain(row.author, 60)}, {formatting.ago(row.ended_at or row.created_at)}"]
    if row.status == "done":
        parts.insert(0, f"{formatting.counted(row.n_images, 'picture')}, {formatting.size(row.n_bytes)}")
    else:
        parts.insert(0, _STATUS.get(row.status, row.status))
    if any(row.result.get(name) for name in ("n_kept", "n_moved", "n_removed")):
        changes = (f"{row.result[f'n_{name}']:,} {name}" for name in ("added", "moved", "removed"))
        parts.insert(1, ", ".join(changes))
    if row.path is not None:
        parts.append(f"in {formatting.plain(row.path, 120)}")
    return " · ".join(parts)


def _show_removal(row: ExportRow) -> None:
    is_ours = row.path is None
    label, icon = ("Delete", "delete") if is_ours else ("Forget", "playlist_remove")
    note = "The copy on the server; the project stays as it is." if is_ours else "Off this list; its files stay."
    if st.button(label, key=f"remove_export_{row.id}", icon=f":material/{icon}:", type="tertiary", help=note):
        with guards.shown_errors():
            export.remove(row)
            st.rerun()


def _show_left_out(row: ExportRow) -> None:
    n, listed = int(row.result.get("n_left_out") or 0), row.result.get("left_out") or []
    if n:
        with st.expander(f"{formatting.counted(n, 'file')} left out", icon=":material/warning:"):
            for file, why in listed:
                st.markdown(f"- {formatting.plain(file, 120)}: {formatting.plain(why)}")
            if n > len(listed):
                st.caption(f"and {n - len(listed):,} more")
