"""The parts of the write-back page: the folder, the preview, carrying it out, undoing it, and earlier ones."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from curate.catalog import projects, source_files, write_backs
from curate.catalog.projects import ProjectSummary
from curate.catalog.write_backs import WriteBackRow
from curate.errors import CurateError
from curate.jobs.submit import write_back
from curate.ui.rendering import formatting
from curate.ui.rendering.image_urls import base_path
from curate.ui.shell import guards, identity, jobs_panel
from curate.write_back import folder as folders
from curate.write_back import listing

FILES_A_PAGE = 200
MOST_ROWS, ROW_PX = 9, 36
_AFTER = "write_back_after"  # the ids that the pages of the list shown so far came after
_LISTS: dict[str, tuple[str, ...]] = {"All": (), "Left alone": ("left", "stuck")}
_STATES = {
    "planned": "previewed", "writing": "half-way", "written": "carried out", "undoing": "half-way back",
    "undone": "rolled back", "looking": "not previewed",
}  # fmt: skip


def show_write_back(project: ProjectSummary) -> None:
    """Show the state of the project's folder, and its next step."""
    rows = write_backs.list_all(project.id)
    if jobs_panel.open_of(project.id, write_back.KINDS):
        jobs_panel.job_panel(project, "write_back")
    elif rows and rows[0].is_half_way:
        _show_half_way(rows[0])
    else:
        _show_start(project, rows[0] if rows else None)
    _show_earlier(rows[1:])


def _show_start(project: ProjectSummary, newest: WriteBackRow | None) -> None:
    if newest and newest.state == "planned":
        _show_plan(project, newest)
    elif newest and newest.state in ("written", "undone"):
        _show_outcome(newest)
    try:
        named = _choose_folder(project)
        root = folders.choose(project.id, named)
    except CurateError as error:
        st.info(f"{formatting.plain(str(error), 600)} {formatting.plain(error.hint, 300)}", icon=":material/info:")
        return
    is_first = newest is None or newest.state in ("looking", "undone")
    label = "Preview" if is_first else "Preview again"
    if is_first:
        st.markdown(
            f"**{formatting.plain(str(root))}** is brought to version {project.version_number}: relabelled "
            "files move to "
            "their label's folder, deleted ones into a quarantine folder. Nothing moves before you have seen the list."
        )
    if st.button(
        label, key="preview_write_back", type="primary" if is_first else "secondary", icon=":material/search:"
    ):
        with guards.shown_errors():
            write_back.preview(project.id, identity.reviewer(), str(root))
            st.rerun()


def _choose_folder(project: ProjectSummary) -> str | None:
    known = source_files.folders(project.id)
    if len(known) < 2:
        return None
    return st.selectbox("Folder", known, key="write_back_folder", format_func=formatting.shorten)


def _show_plan(project: ProjectSummary, row: WriteBackRow) -> None:
    n = row.counts["move"] + row.counts["delete"]
    st.subheader(f"Preview for version {row.version_number}", anchor=False)
    st.caption(formatting.plain(row.folder, 200))
    _show_counts(row)
    if row.counts["tables"] and n:
        names = ", ".join(formatting.plain(name, 60) for name in row.counts["tables"])
        st.caption(f"{names} in the folder will be left as it is: it may name files that move.")
    if row.version_id != write_backs.head_version_id(project.id):
        st.warning(f"The project is at version {project.version_number} by now. Look at a new preview.")
    elif n and st.button(
        f"Write back {formatting.counted(n, 'file')}",
        key="write_back",
        type="primary",
        icon=":material/drive_file_move:",
    ):
        with guards.shown_errors():
            write_back.start(row.id, identity.reviewer())
            st.rerun()
    _show_files(row)


def _show_counts(row: WriteBackRow) -> None:
    counts = row.counts
    if not any(counts[what] for what in ("move", "delete", "left")):
        st.success("The folder is as the labels say: nothing has to move.", icon=":material/check_circle:")
        return
    with st.container(horizontal=True):
        st.metric("Move to another label", f"{counts['move']:,}", border=True, width=220)
        st.metric("Go into quarantine", f"{counts['delete']:,}", border=True, width=220)
        st.metric("Are left alone", f"{counts['left']:,}", border=True, width=220)
    names = {
        label.id: formatting.shorten(label.name, 60) for label in projects.labels(row.project_id, with_unlabelled=True)
    }
    table = [
        {
            "What": {"move": "moves", "delete": "into quarantine", "left": "left alone"}[what],
            "From": names.get(old, ""), "To": names.get(new, "quarantine"), "Files": n,
        }
        for what, old, new, n in sorted(counts["rows"], key=lambda line: -line[3])
    ]  # fmt: skip
    _table(table, "How many files move from which label to which")


def _show_files(row: WriteBackRow) -> None:
    if not any(row.counts[what] for what in ("move", "delete", "left")):
        return
    # Both to the left: the table's own buttons appear over what stands above its right end.
    with st.container(horizontal=True, vertical_alignment="center"):
        which = st.segmented_control(
            "Files", list(_LISTS), default="All", key=f"files_of_{row.id}", required=True,
            label_visibility="collapsed", on_change=_first_page,
        )  # fmt: skip
        address = f"{base_path()}/api/write-backs/{row.id}.csv"
        st.link_button("Download the list", address, icon=":material/download:")
    pages: list[int] = st.session_state.get(_AFTER) or [0]
    rows, after = listing.table(row.id, _LISTS[which or "All"], pages[-1], FILES_A_PAGE)
    if not rows:
        st.caption("None.")
        return
    _table([_shown(line) for line in rows], "The files, one by one")
    _turn_pages(pages, after)
    if which == "Left alone":
        st.caption(
            "Import the folder again to take these in as they are now; what is still the same picture is recognised."
        )


def _shown(line: dict[str, str]) -> dict[str, str]:
    """Returns a file's row for the screen: the columns of the download, shortened."""
    return {
        "File": formatting.shorten(line["file"], 120),
        "Goes to": formatting.shorten(line["goes to"], 120) or "stays",
        "State": f"{line['state']}: {line['why']}" if line["why"] else line["state"],
        "From": formatting.shorten(line["from label"]),
        "To": formatting.shorten(line["to label"]) or "quarantine",
    }


def _turn_pages(pages: list[int], after: int) -> None:
    with st.container(horizontal=True):
        if len(pages) > 1 and st.button("Previous", key="files_previous", icon=":material/arrow_back:"):
            st.session_state[_AFTER] = pages[:-1]
            st.rerun()
        if after and st.button("Next", key="files_next", icon=":material/arrow_forward:"):
            st.session_state[_AFTER] = [*pages, after]
            st.rerun()


def _first_page() -> None:
    st.session_state.pop(_AFTER, None)


def _show_half_way(row: WriteBackRow) -> None:
    n = write_backs.count_states(row.id)
    is_undoing = row.state == "undoing"
    st.warning(
        f"{'The roll-back' if is_undoing else 'Writing back'} stopped half-way: {n.get('done', 0):,} files have moved, "
        f"{n.get('waits', 0):,} have not. No file is lost.", icon=":material/warning:",
    )  # fmt: skip
    with st.container(horizontal=True), guards.shown_errors():
        if not is_undoing and st.button("Go on", key="write_back", type="primary", icon=":material/play_arrow:"):
            write_back.start(row.id, identity.reviewer())
            st.rerun()
        _undo_button(row, "Go on rolling back" if is_undoing else "Roll back")


def _undo_button(row: WriteBackRow, label: str) -> None:
    if st.button(label, key=f"undo_{row.id}", icon=":material/undo:"):
        with guards.shown_errors():
            write_back.start_undo(row.id, identity.reviewer())
            st.rerun()


def _show_outcome(row: WriteBackRow) -> None:
    n = write_backs.count_states(row.id)
    when = f"by {formatting.plain(row.author, 60)}, {formatting.ago(row.ended_at or row.created_at)}"
    if row.state == "undone":
        stuck = (
            f" Changed meanwhile, and left alone: {formatting.counted(n['stuck'], 'file')}." if n.get("stuck") else ""
        )
        st.info(f"Rolled back {when}: {formatting.counted(n.get('back', 0), 'file')} lie where they lay.{stuck}")
    else:
        left = f" Changed meanwhile, and left alone: {formatting.counted(n['left'], 'file')}." if n.get("left") else ""
        st.success(
            f"{formatting.plain(row.folder)} follows version {row.version_number}, {when}: "
            f"{formatting.counted(n.get('done', 0), 'file')} moved.{left}", icon=":material/check_circle:",
        )  # fmt: skip
        if n.get("done"):
            _undo_button(row, "Roll back")
    _show_files(row)


def _show_earlier(rows: list[WriteBackRow]) -> None:
    if not rows:
        return
    with st.expander("Earlier ones", icon=":material/history:"):
        for row in rows:
            n = row.counts.get("move", 0) + row.counts.get("delete", 0)
            line = f"Version {row.version_number}, {formatting.counted(n, 'file')}: {_STATES[row.state]}"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{line} · {formatting.plain(row.author, 60)} · {formatting.ago(row.created_at)}", width="stretch"
                )
                st.link_button("List", f"{base_path()}/api/write-backs/{row.id}.csv", icon=":material/download:")
                if row.state == "written" and not write_backs.later_than(row):
                    _undo_button(row, "Roll back")


def _table(rows: Sequence[Mapping[str, object]], alt: str) -> None:
    height: Literal["content"] | int = "content" if len(rows) < MOST_ROWS else ROW_PX * MOST_ROWS
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=height, alt=alt)
