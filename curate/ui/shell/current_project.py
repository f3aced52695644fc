"""Which project this visitor works on: the number in the address, so that reload, back and shared links keep it."""

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.ui.shell import query_params

ADDRESS = "project"  # ?project=3
_CHOSEN = "project_id"


def settle() -> list[ProjectSummary]:
    """All projects, newest first; brings the session in line with the address, once a run before anything else asks.

    Without a number in the address the session's last project stays, and a new session begins with the newest one.
    """
    known = projects.list_projects()
    if ADDRESS in query_params.read():
        st.session_state[_CHOSEN] = query_params.read_number(ADDRESS) or 0
    elif st.session_state.get(_CHOSEN) not in {project.id for project in known}:
        st.session_state[_CHOSEN] = known[0].id if known else None
    return known


def chosen_id() -> int | None:
    """The chosen project's id, which need not exist (an old link); None when there is no project at all."""
    return st.session_state.get(_CHOSEN)


def choose(project_id: int) -> None:
    """Make this the chosen project, and the address say so; filters of the page belonged to the one before."""
    st.session_state[_CHOSEN] = project_id
    query_params.replace({ADDRESS: project_id})
