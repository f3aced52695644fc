"""A folder or zip on the server: its path, then what was understood of it, then the import."""

from pathlib import Path
from typing import Any

import streamlit as st

from curate.errors import BadInput
from curate.gather.folders.folder_plan import FolderPlan, plan_folder
from curate.gather.folders.label_choices import LabelChoices
from curate.ui.gather import plan_table
from curate.ui.gather.target import Target, import_round, known_labels, start_import
from curate.ui.shell import guards

_LOOKED = "looked_at_folder"


def show(target: Target) -> None:
    """The field with *Look*; once looked at, the plan with *Import*."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Folder, or zip file", key="folder", placeholder="/data/photos", on_change="ignore",
            help="A path on the machine that Curate runs on. Nothing in it is changed.",
        )  # fmt: skip
        is_asked = st.button("Look", key="look_at_folder", icon=":material/visibility:", type="primary")
    st.caption(
        "One sub-folder for each label; train and valid folders, above or below, are kept to. Pictures in no label's "
        "folder can come in without a label."
    )
    is_linked = st.checkbox(
        "Leave the pictures where they are", key="linked", on_change="ignore",
        help="Nothing is copied: the project shows the files in that folder. What changes or goes there is noticed, by "
        "size and time, and told on this page. Saves disk; the folder has to stay.",
    )  # fmt: skip
    if is_asked:
        st.session_state.pop(_LOOKED, None)
        with guards.shown_errors():
            path = _server_path(typed)
            _plan.clear()
            st.session_state[_LOOKED] = (str(path), import_round())
    looked, of_round = st.session_state.get(_LOOKED, ("", -1))
    if looked and of_round == import_round():
        _show_plan(target, Path(looked), is_linked)


def _show_plan(target: Target, path: Path, is_linked: bool) -> None:
    known = tuple(known_labels(target))
    choices = plan_table.show(str(path), lambda layout, bare: _plan(str(path), known, layout, bare))
    if choices is not None:
        with guards.shown_errors():
            args = _job_args(path, is_linked) | choices.to_json()
            start_import(target, path.name if path.is_dir() else path.stem, args)


@st.cache_data(max_entries=4, ttl=600, show_spinner="Looking at the names of the files")
def _plan(path: str, known: tuple[str, ...], layout: str, takes_unlabelled: bool) -> FolderPlan:
    return plan_folder(Path(path), known, LabelChoices(layout, takes_unlabelled=takes_unlabelled))


def _server_path(typed: str) -> Path:
    """The folder or file of that path. Raises BadInput when nothing lies there."""
    if not typed.strip():
        raise BadInput("No folder is named.", "Type the path of a folder on the server.")
    path = Path(typed.strip()).expanduser().resolve()
    if not (path.is_dir() or path.is_file()):
        raise BadInput(
            f"There is no folder {path} on the server.", "Paths are those of the machine that Curate runs on."
        )
    return path


def _job_args(path: Path, is_linked: bool) -> dict[str, Any]:
    if path.is_dir():
        return {"folder": str(path)} | ({"linked": True} if is_linked else {})
    if is_linked:
        raise BadInput("Pictures in a zip cannot be left where they are.", "Unpack it, or let them be copied.")
    return {"archive": str(path)}
