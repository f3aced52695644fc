"""Which project this visitor works on: its name in the address, so that reload, back and shared links keep it."""

import streamlit as st

from curate import whole_number
from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.errors import NotFound
from curate.ui.shell import query_params

ADDRESS = "project"  # ?project=pets; its number, as in links from before, goes on working
_CHOSEN = "project_id"
_CHOSEN_NAME = "project_name"


def settle() -> list[ProjectSummary]:
    """All projects, newest first; brings the session in line with the address, once a run before anything else asks.

    Without a project in the address the session's last one stays, and a new session begins with the newest one.
    """
    known = projects.list_projects()
    if ADDRESS in query_params.read():
        st.session_state[_CHOSEN] = _id_of(query_params.read_text(ADDRESS), known)
    elif st.session_state.get(_CHOSEN) not in {project.id for project in known}:
        st.session_state[_CHOSEN] = known[0].id if known else None
    names = {project.id: project.name for project in known}
    st.session_state[_CHOSEN_NAME] = names.get(st.session_state[_CHOSEN])
    return known


def chosen_id() -> int | None:
    """The chosen project's id, which need not exist (an old link); None when there is no project at all."""
    return st.session_state.get(_CHOSEN)


def choose(project_id: int) -> None:
    """Make this the chosen project, and the address say so; filters of the page belonged to the one before."""
    st.session_state[_CHOSEN] = project_id
    st.session_state[_CHOSEN_NAME] = None
    query_params.replace(address(project_id))


def address(project_id: int | None = None) -> dict[str, str]:
    """What the address says of a project, of the chosen one by default: its name; nothing when there is none."""
    wanted = chosen_id() if project_id is None else project_id
    if not wanted:
        return {}
    name = st.session_state.get(_CHOSEN_NAME) if wanted == chosen_id() else None
    return {ADDRESS: name or _name_of(wanted)}


def _id_of(key: str, known: list[ProjectSummary]) -> int:
    """The id of the project of this name, else the number that `key` is, which need not exist; 0 for anything else."""
    return next((project.id for project in known if project.name == key), whole_number.parse(key) or 0)


def _name_of(project_id: int) -> str:
    """The project's name; its number when there is none (any more)."""
    try:
        return projects.find_project(project_id).name
    except NotFound:
        return str(project_id)
