"""The form that brings pictures in: from the web, uploaded, from a folder on the server, from a list or a data set."""

from collections.abc import Callable

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.ui.gather import dataset_form, folder_form, search_form, upload_form, url_list_form
from curate.ui.gather.target import Target, ask_target, is_new_wanted, settle, start_import
from curate.ui.shell import query_params

__all__ = ["SOURCES", "is_new_wanted", "show"]

SOURCES = {
    "search": ":material/travel_explore: Search the web",
    "upload": ":material/upload: Upload",
    "folder": ":material/folder_open: Folder on the server",
    "lists": ":material/link: Addresses and data sets",
}
_LISTS = {"urls": "A list of addresses", "dataset": "A fastai data set"}


def show(project: ProjectSummary | None) -> None:
    """The form; started, it makes `project` (or a new one) the chosen one and hands the work to a job.

    ?from=folder chooses a source: what other pages link to.
    """
    st.subheader("Add pictures", anchor=False)
    wanted = query_params.read_text("from")
    with st.container(border=True):
        target = ask_target(project)
        source = st.segmented_control(
            "From", list(SOURCES), format_func=SOURCES.__getitem__, key="from", required=True,
            default=wanted if wanted in SOURCES else "search",
        )  # fmt: skip
        _FORMS[source or "search"](target)


def _search_form(target: Target) -> None:
    known = target if isinstance(target, ProjectSummary) else None
    search_form.show(known, lambda what: settle(target, what))


def _lists_form(target: Target) -> None:
    kind = st.segmented_control(
        "Which", list(_LISTS), format_func=_LISTS.__getitem__, key="list_kind", required=True, default="urls",
        label_visibility="collapsed",
    )  # fmt: skip
    if kind == "dataset":
        _dataset_form(target)
    else:
        url_list_form.show(lambda what: settle(target, what))


def _dataset_form(target: Target) -> None:
    chosen = dataset_form.ask()
    if st.button("Import", key="import_dataset", type="primary", icon=":material/input:"):
        start_import(target, chosen, {"dataset": chosen})


_FORMS: dict[str, Callable[[Target], None]] = {
    "search": _search_form,
    "upload": upload_form.show,
    "folder": folder_form.show,
    "lists": _lists_form,
}
