"""The Team page's parts by name: which of them is shown stands in the address."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.review.team import disagreements, notes
from curate.ui.shell import query_params
from curate.ui.team import activity, agreement, image_story, sessions
from curate.ui.team import disagreements as team_disagreements
from curate.ui.team import notes as team_notes

PART = "part"  # ?part=work
IMAGE = "image"  # ?image=7: everything about one picture
_PARTS: Mapping[str, tuple[str, Callable[[ProjectSummary], None]]] = MappingProxyType(
    {
        "sessions": ("Sessions", sessions.show),
        "disagreements": ("Disagreements", team_disagreements.show),
        "agreement": ("Agreement", agreement.show),
        "work": ("Who did what", activity.show),
        "notes": ("Notes and questions", team_notes.show),
    }
)


def choose(project: ProjectSummary) -> str:
    """The part of the page to show; those with something waiting say how much."""
    n = {"disagreements": disagreements.n_of(project.id), "notes": notes.n_open(project.id)}
    chosen = st.segmented_control(
        "Show", list(_PARTS), key="team_part", required=True, label_visibility="collapsed",
        format_func=lambda name: f"{_PARTS[name][0]} ({n[name]:,})" if n.get(name) else _PARTS[name][0],
        on_change=query_params.bind("team_part", PART, query_params.read_option(PART, _PARTS, "sessions")),
    )  # fmt: skip
    return chosen or "sessions"


def show(project: ProjectSummary, part: str) -> None:
    """That part of the page."""
    _PARTS[part][1](project)


def chosen_image(project: ProjectSummary) -> int | None:
    """The picture that the address names, if any."""
    return query_params.read_number(IMAGE)


def show_image(project: ProjectSummary, image_id: int) -> None:
    """One picture's story, with notes and questions."""
    image_story.show(project, image_id)
