"""The form that brings pictures in: searched for, from a list of addresses, a folder, a zip, or loose pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.typing import UploadedFile

from curate import jobs, store
from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.errors import BadInput
from curate.ui.components import uploader
from curate.ui.components.uploader import Uploaded
from curate.ui.gather import dataset_form, search_form, url_list_form
from curate.ui.rendering import formatting
from curate.ui.shell import current_project, guards, identity, query_params

SOURCES = {
    "search": "Search",
    "urls": "Addresses",
    "folder": "A folder on the server",
    "zip": "A zip",
    "pictures": "Pictures",
    "upload": "A large upload",
    "dataset": "A fastai data set",
}
PICTURE_TYPES = ["jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "avif"]
_UPLOADED = "uploaded"
_ROUND = "upload_round"  # part of the uploaders' keys: a new number empties them


@dataclass(frozen=True)
class NewProject:
    """What a project is made with; valid_pct per cent of every label are held out for validation."""

    name: str
    valid_pct: float
    seed: int


def is_new_wanted() -> bool:
    """Whether the visitor came here to make a project."""
    return query_params.read_text("into") == "new"


def show(project: ProjectSummary | None) -> None:
    """The form; started, it makes `project` (or a new one) the chosen one and hands the work to a job."""
    st.subheader("Add pictures", anchor=False)
    with st.container(border=True):
        target = _ask_target(project)
        source = st.segmented_control(
            "From", list(SOURCES), format_func=SOURCES.__getitem__, key="from", required=True, default="search"
        )
        _FORMS[source or "search"](target)


def _search_form(target: ProjectSummary | NewProject) -> None:
    known = target if isinstance(target, ProjectSummary) else None
    search_form.show(known, lambda what: _settle_target(target, what))


def _list_form(target: ProjectSummary | NewProject) -> None:
    url_list_form.show(lambda what: _settle_target(target, what))


def _dataset_form(target: ProjectSummary | NewProject) -> None:
    chosen = dataset_form.ask()
    if st.button("Import", key="import_dataset", type="primary", icon=":material/input:"):
        _start(target, chosen, lambda: {"dataset": chosen})


def _ask_target(project: ProjectSummary | None) -> ProjectSummary | NewProject:
    if project and _is_into_known(project):
        return project
    # Fields that do not show each other need no rerun; the button delivers them.
    name = st.text_input(
        "Name of the new project", key="new_name", max_chars=projects.MAX_NAME, placeholder="As the folder is named",
        on_change="ignore",
    )  # fmt: skip
    with st.container(horizontal=True):
        valid_pct = st.number_input(
            "Held out for validation (%)", 1, 90, 20, key="valid_pct", width=220, on_change="ignore",
            help="The share of every label that no model ever trains on: what accuracy is measured with. "
            "Drawn once, kept for ever; near-duplicates share a side.",
        )  # fmt: skip
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 42, key="split_seed", width=160, on_change="ignore",
            help="The same seed holds out the same pictures again.",
        )  # fmt: skip
    return NewProject(name, float(valid_pct), int(seed))


def _is_into_known(project: ProjectSummary) -> bool:
    names = {"here": formatting.plain(project.name, 40), "new": "A new project"}
    wanted: Literal["here", "new"] = "new" if is_new_wanted() else "here"
    into = st.segmented_control(
        "Into", list(names), format_func=names.__getitem__, default=wanted, key=f"into_{_round()}", required=True
    )
    return into != "new"


def _folder_form(target: ProjectSummary | NewProject) -> None:
    path = st.text_input(
        "Folder, or zip file", key="folder", placeholder="/data/photos", on_change="ignore",
        help="A path on the machine that Curate runs on. Nothing in it is changed.",
    )  # fmt: skip
    st.caption("One sub-folder for each label; train and valid folders above them are kept to.")
    is_linked = st.checkbox(
        "Leave the pictures where they are", key="linked", on_change="ignore",
        help="Nothing is copied: the project shows the files in that folder. What changes or goes there is noticed, by "
        "size and time, and told on this page. Saves disk; the folder has to stay.",
    )  # fmt: skip
    if st.button("Import", key="import_folder", type="primary", icon=":material/input:"):
        with guards.shown_errors():
            args = _server_args(path, is_linked)
            _start(target, Path(path.strip()).stem, lambda: args)


def _zip_form(target: ProjectSummary | NewProject) -> None:
    upload = st.file_uploader("Zip file", type=["zip"], key=f"zip_{_round()}")
    st.caption(
        "One folder for each label inside. Above 200 MB: copy it to the server and name its path under "
        f"*{SOURCES['folder']}*."
    )
    if st.button("Import", key="import_zip", type="primary", icon=":material/input:"):
        with guards.shown_errors():
            if upload is None:
                raise BadInput("No zip file is chosen.", "Drop one into the field above.")
            _start(target, Path(upload.name).stem, lambda: _stage([upload]))


def _pictures_form(target: ProjectSummary | NewProject) -> None:
    known = [label.name for label in projects.labels(target.id)] if isinstance(target, ProjectSummary) else []
    label = st.selectbox(
        "Label", known, index=None, accept_new_options=True, key="new_label", on_change="ignore",
        placeholder="Choose a label or type a new one", help="Every picture below is filed under this label.",
    )  # fmt: skip
    uploads = st.file_uploader("Pictures", type=PICTURE_TYPES, accept_multiple_files=True, key=f"pictures_{_round()}")
    if st.button("Import", key="import_pictures", type="primary", icon=":material/input:"):
        with guards.shown_errors():
            name = projects.clean_name(label or "", "label")
            if not uploads:
                raise BadInput("No pictures are chosen.", "Drop some into the field above.")
            what = f"{formatting.counted(len(uploads), 'picture')} of {name}"
            _start(target, what, lambda: {**_stage(uploads), "label": name})


def _upload_form(target: ProjectSummary | NewProject) -> None:
    label = st.text_input(
        "Label", key="upload_label", max_chars=projects.MAX_NAME, placeholder="For single files",
        help="Files are filed under it. A folder and a zip have one sub-folder for each label instead.",
    )  # fmt: skip
    fresh = uploader.show(f"uploader_{_round()}", bool(label.strip()))
    if fresh:
        st.session_state[_UPLOADED] = fresh
    uploaded: Uploaded | None = st.session_state.get(_UPLOADED)
    if uploaded is None:
        return
    # What went wrong (a name that is taken) can be put right without uploading again.
    st.markdown(f":green[:material/check_circle:] {formatting.plain(uploaded.names[0], 80)} is on the server.")
    if st.button("Import", key="import_upload", type="primary", icon=":material/input:") or fresh:
        with guards.shown_errors():
            _start_uploaded(target, uploaded, label)


def _start_uploaded(target: ProjectSummary | NewProject, uploaded: Uploaded, label: str) -> None:
    args: dict[str, Any] = {"incoming": uploaded.folder, "names": uploaded.names}
    what = Path(uploaded.names[0]).stem
    if uploaded.kind == "files":
        args["label"] = projects.clean_name(label, "label")
        what = f"{formatting.counted(len(uploaded.names), 'picture')} of {args['label']}"
    elif uploaded.kind == "folder":
        what = args["tree"] = uploaded.names[0].partition("/")[0]
    _start(target, what, lambda: args)


def _server_args(typed: str, is_linked: bool) -> dict[str, Any]:
    """What the job needs to import a path of the server. Raises BadInput when nothing lies there."""
    if not typed.strip():
        raise BadInput("No folder is named.", "Type the path of a folder on the server.")
    path = Path(typed.strip()).expanduser().resolve()
    if path.is_dir():
        return {"folder": str(path)} | ({"linked": True} if is_linked else {})
    if path.is_file():
        if is_linked:
            raise BadInput("Pictures in a zip cannot be left where they are.", "Unpack it, or let them be copied.")
        return {"archive": str(path)}
    raise BadInput(f"There is no folder {path} on the server.", "Paths are those of the machine that Curate runs on.")


def _stage(uploads: list[UploadedFile]) -> dict[str, Any]:
    """Put what the browser sent on disk, under numbers: no name from outside becomes a path."""
    folder = store.incoming_folder()
    for number, upload in enumerate(uploads):
        (folder / str(number)).write_bytes(upload.getbuffer())
    return {"incoming": folder.name, "names": [upload.name for upload in uploads]}


def _start(target: ProjectSummary | NewProject, what: str, args: Callable[[], dict[str, Any]]) -> None:
    """Hand the import of `what` to a job; the project is made first, so that a bad name costs no upload."""
    project_id = _settle_target(target, what)
    jobs.enqueue("import", project_id, args(), f"Import {what}", identity.reviewer())
    st.session_state[_ROUND] = _round() + 1
    st.session_state.pop(_UPLOADED, None)
    st.rerun()


def _settle_target(target: ProjectSummary | NewProject, what: str) -> int:
    """Id of the project to bring pictures into, made when it is a new one, and the chosen one from now on."""
    project_id = target.id if isinstance(target, ProjectSummary) else _make_project(target, what)
    current_project.choose(project_id)
    return project_id


def _make_project(new: NewProject, what: str) -> int:
    return projects.create_project(new.name or _free_name(what), new.valid_pct, new.seed)


def _free_name(name: str) -> str:
    """The name, or with a number behind it when another project has it: nobody chose it."""
    taken = {project.name for project in projects.list_projects()}
    numbered = [name, *(f"{name} {n}" for n in range(2, len(taken) + 3))]
    return next(each for each in numbered if each not in taken)


def _round() -> int:
    return int(st.session_state.get(_ROUND, 0))


_FORMS: dict[str, Callable[[ProjectSummary | NewProject], None]] = {
    "search": _search_form,
    "urls": _list_form,
    "folder": _folder_form,
    "zip": _zip_form,
    "pictures": _pictures_form,
    "upload": _upload_form,
    "dataset": _dataset_form,
}
