"""Pictures that were left where they lie: whether they still are what came in."""

import secrets
from typing import Literal

import pandas as pd
import streamlit as st

from curate.catalog import linked_files
from curate.catalog.linked_files import Links
from curate.catalog.projects import ProjectSummary
from curate.review.deciding.decisions import Op, decide
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity

MOST_LOOKED_AT = 5_000  # a look costs 10 µs a file on a local disk; more are looked at when asked
MOST_LISTED = 500
MOST_ROWS, ROW_PX = 7, 36


def show(project: ProjectSummary) -> None:
    """How many linked files changed or went; nothing when none is linked."""
    links = linked_files.count_links(project.id)
    if not links.n_all:
        return
    if links.n_all <= MOST_LOOKED_AT:
        links = linked_files.look(project.id)
    st.subheader("Linked folders", anchor=False)
    with st.container(border=True, gap="small"):
        where = ", ".join(formatting.plain(name, 60) for name in linked_files.folders(project.id)[:5])
        st.caption(f"{formatting.counted(links.n_all, 'picture')} left where they lie, in {where}.")
        if links.n_changed or links.n_missing:
            _show_altered(project, links)
        else:
            st.markdown(":green[:material/check_circle:] All as they came in, by size and time.")
        if st.button("Look again", key="look_at_links", icon=":material/refresh:"):
            linked_files.look(project.id)
            st.rerun()


def _show_altered(project: ProjectSummary, links: Links) -> None:
    st.markdown(
        f":orange[:material/warning:] **{links.n_changed:,} changed and {links.n_missing:,} missing.** "
        "Their pictures are no longer shown in full. Import the folder again to take in what is new."
    )
    rows = linked_files.altered(project.id, MOST_LISTED)
    table = pd.DataFrame(rows, columns=["File", "What happened"])
    height: Literal["content"] | int = "content" if len(rows) < MOST_ROWS else ROW_PX * MOST_ROWS
    st.dataframe(table, hide_index=True, height=height, alt="Linked files that changed or went")
    ids = linked_files.altered_images(project.id)
    if ids and st.button(f"Mark {formatting.counted(len(ids), 'image')} for deletion", key="delete_altered"):
        with guards.shown_errors():
            op = Op(1, tuple(ids), "delete")
            decide(project.id, identity.reviewer(), [op], f"links-{secrets.token_hex(8)}")
            st.rerun()
