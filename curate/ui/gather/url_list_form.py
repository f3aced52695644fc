"""Addresses of pictures: pasted, or a CSV or Parquet file with their labels and, if there are any, their licences."""

from collections.abc import Callable, Iterator

import streamlit as st

from curate import store
from curate.catalog.candidates import Found
from curate.catalog.gatherings import NewSearch
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.gather import gather_request
from curate.gather.search import url_list
from curate.ui.gather import options, search_form
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity


def show(make_project: Callable[[str], int]) -> None:
    """The field, the file and the button. make_project: as in `gather_search.show`."""
    text = st.text_area(
        "Addresses, one in each line", key="addresses", height=140, placeholder="https://…", on_change="ignore"
    )
    upload = st.file_uploader("or a CSV or Parquet file", type=["csv", "tsv", "txt", "parquet"], key="address_file")
    st.caption(
        "A table needs a `url` column; with a `label` column every row has its own. Columns for title, creator, "
        "licence, licence_url and landing_page are kept with the pictures."
    )
    label = st.text_input(
        "Label", key="list_label", max_chars=300, on_change="ignore",
        placeholder="For rows that have none of their own",
    )  # fmt: skip
    is_unlabelled = st.checkbox(
        "Without a label, where a row has none", key="list_unlabelled", on_change="ignore",
        help="These pictures wait on the Label page.",
    )  # fmt: skip
    with st.expander("Limits", icon=":material/tune:"):
        limits = options.limits()
    if st.button("Start", key="start_list", type="primary", icon=":material/download:"):
        with guards.shown_errors():
            searches = _searches(text, upload, label.strip() or (UNLABELLED if is_unlabelled else None))
            project_id = make_project(gather_request.title(searches).removeprefix("Gather "))
            search_form.start("gather", gather_request.ask(project_id, searches, limits, identity.reviewer()))


def _searches(text: str, upload: object, label: str | None) -> list[NewSearch]:
    if upload is None and not text.strip():
        raise BadInput("There are no addresses.", "Paste some, one in each line, or choose a file.")
    name = formatting.shorten(upload.name, 100) if upload is not None else "the pasted list"  # type: ignore[attr-defined]
    return url_list.lay_down(_rows(text, upload, name), label, name)


def _rows(text: str, upload: object, name: str) -> Iterator[tuple[str | None, Found]]:
    yield from url_list.read_text(text)
    if upload is not None:
        folder = store.incoming_folder()
        try:
            path = folder / "0"
            path.write_bytes(upload.getbuffer())  # type: ignore[attr-defined]
            yield from url_list.read_file(path, name)
        finally:
            store.remove_incoming(folder)
