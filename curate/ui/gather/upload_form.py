"""Uploads of any size: pictures, folders or a zip; of folders and zips, what was understood before they come in."""

from pathlib import Path
from typing import Any

import streamlit as st

from curate import store
from curate.catalog import projects
from curate.catalog.tables.core import UNLABELLED
from curate.errors import NotFound
from curate.gather.folders.folder_plan import FolderPlan, plan_archive, plan_tree
from curate.gather.folders.label_choices import LabelChoices
from curate.ui.components import uploader
from curate.ui.components.uploader import Uploaded
from curate.ui.gather import plan_table
from curate.ui.gather.target import Target, import_round, known_labels, start_import
from curate.ui.rendering import formatting
from curate.ui.shell import guards

_UPLOADED = "uploaded"


def show(target: Target) -> None:
    """The field; once something is uploaded, its plan, or *Import* for single pictures."""
    label = st.selectbox(
        "Label", sorted(known_labels(target)), index=None, accept_new_options=True, key="upload_label", width=420,
        placeholder="For single pictures: choose, type, or leave empty",
        help="Single pictures are filed under it; without one they wait on the Label page. A folder or zip has one "
        "sub-folder for each label instead.",
    )  # fmt: skip
    fresh = uploader.show(f"uploader_{import_round()}")
    if fresh:
        st.session_state[_UPLOADED] = (fresh, import_round())
    uploaded, of_round = st.session_state.get(_UPLOADED, (None, -1))
    if uploaded is None or of_round != import_round():
        return
    # What went wrong (a name that is taken) can be put right without uploading again.
    st.markdown(f":green[:material/check_circle:] On the server: {formatting.plain(_name(uploaded), 80)}.")
    if uploaded.kind == "files":
        _import_pictures(target, uploaded, label or "", is_fresh=bool(fresh))
    else:
        _import_tree(target, uploaded)


def _name(uploaded: Uploaded) -> str:
    """The zip's, the folder's or the first file's name; of several folders the first one's, with how many more."""
    if uploaded.kind != "folder":
        return uploaded.names[0]
    first, *others = dict.fromkeys(name.partition("/")[0] for name in sorted(uploaded.names, key=_is_loose))
    return f"{first} and {len(others):,} more" if others else first


def _is_loose(name: str) -> bool:
    return "/" not in name


def _import_pictures(target: Target, uploaded: Uploaded, label: str, is_fresh: bool) -> None:
    is_labelled = bool(label.strip())
    what = formatting.counted(len(uploaded.names), "picture")
    text = f"Import {what}" if is_labelled else f"Import {what} without a label"
    if st.button(text, key="import_upload", type="primary", icon=":material/input:") or (is_fresh and is_labelled):
        with guards.shown_errors():
            name = projects.clean_name(label, "label") if is_labelled else UNLABELLED
            what = f"{what} of {name}" if is_labelled else f"{what} without a label"
            start_import(target, what, _args(uploaded) | {"label": name})


def _import_tree(target: Target, uploaded: Uploaded) -> None:
    known = tuple(known_labels(target))
    folder = uploaded.folder
    choices = plan_table.show(folder, lambda layout, bare: _plan(folder, known, layout, bare, uploaded))
    if choices is not None:
        with guards.shown_errors():
            name, is_folder = _name(uploaded), uploaded.kind == "folder"
            tree = {"tree": name} if is_folder else {}
            start_import(target, name if is_folder else Path(name).stem, _args(uploaded) | tree | choices.to_json())


def _args(uploaded: Uploaded) -> dict[str, Any]:
    return {"incoming": uploaded.folder, "names": uploaded.names}


@st.cache_data(max_entries=4, ttl=600, show_spinner="Looking at the names of the files")
def _plan(folder: str, known: tuple[str, ...], layout: str, takes_unlabelled: bool, _uploaded: Uploaded) -> FolderPlan:
    """What was understood of an upload; raises NotFound when it is there no more, BadInput for a broken zip."""
    choices = LabelChoices(layout, takes_unlabelled=takes_unlabelled)
    if _uploaded.kind == "folder":
        return plan_tree(_name(_uploaded), _uploaded.names, known, choices)
    path = store.find_incoming(folder) / "0"
    if not path.is_file():
        raise NotFound("The uploaded file is no longer there.", "Upload it again.")
    return plan_archive(path, _name(_uploaded), known, choices)
