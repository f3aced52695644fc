"""Where pictures go: into the chosen project or a new one, and how an import is handed to a job."""

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from curate import jobs
from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.ui.rendering import formatting
from curate.ui.shell import current_project, identity, query_params

_ROUND = "upload_round"  # part of the keys of what is emptied by a start


@dataclass(frozen=True)
class NewProject:
    """What a project is made with; valid_pct per cent of every label are held out for validation."""

    name: str
    valid_pct: float
    seed: int


Target = ProjectSummary | NewProject


def is_new_wanted() -> bool:
    """Whether the visitor came here to make a project."""
    return query_params.read_text("into") == "new"


def ask_target(project: ProjectSummary | None) -> Target:
    """The project that pictures go into, as chosen here."""
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
        "Into", list(names), format_func=names.__getitem__, default=wanted, key=f"into_{import_round()}", required=True
    )
    return into != "new"


def known_labels(target: Target) -> list[str]:
    """Names of the labels that the project has, in its order."""
    return [label.name for label in projects.labels(target.id)] if isinstance(target, ProjectSummary) else []


def start_import(target: Target, what: str, args: dict[str, Any]) -> None:
    """Hand the import of `what` to a job, into the project that is made first when it is a new one."""
    project_id = settle(target, what)
    jobs.enqueue("import", project_id, args, f"Import {what}", identity.reviewer())
    st.session_state[_ROUND] = import_round() + 1
    st.rerun()


def settle(target: Target, what: str) -> int:
    """Id of the project to bring pictures into, made when it is a new one, and the chosen one from now on."""
    project_id = target.id if isinstance(target, ProjectSummary) else _make_project(target, what)
    current_project.choose(project_id)
    return project_id


def import_round() -> int:
    """How many imports this visitor has started."""
    return int(st.session_state.get(_ROUND, 0))


def _make_project(new: NewProject, what: str) -> int:
    return projects.create_project(new.name or _free_name(what), new.valid_pct, new.seed)


def _free_name(name: str) -> str:
    """The name, or with a number behind it when another project has it: nobody chose it."""
    taken = {project.name for project in projects.list_projects()}
    numbered = [name, *(f"{name} {n}" for n in range(2, len(taken) + 3))]
    return next(each for each in numbered if each not in taken)
