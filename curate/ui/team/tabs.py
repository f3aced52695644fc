"""The tabs of the Team page by name; the URL holds the chosen one."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.review.team import disagreements, notes
from curate.ui.shell import query_params
from curate.ui.team import activity, agreement, image_story, sessions, tokens
from curate.ui.team import disagreements as team_disagreements
from curate.ui.team import notes as team_notes

PART = "part"  # ?part=work
IMAGE = "image"  # ?image=7: everything about one picture
_PARTS: Mapping[str, tuple[str, Callable[[ProjectSummary], None]]] = MappingProxyType(
    {
        "sessions": ("Sessions", sessions.show_sessions),
        "disagreements": ("Disagreements", team_disagreements.show_disagreements),
        "agreement": ("Agreement", agreement.show_agreement),
        "work": ("Who did what", activity.show_activity),
        "notes": ("Notes and questions", team_notes.show_notes),
        "tokens": ("API tokens", tokens.show_tokens),
    }
)


def choose(project: ProjectSummary) -> str:
    """Show the tabs, with counts where something waits; returns the chosen one."""
    n = {"disagreements": disagreements.count(project.id), "notes": notes.n_open(project.id)}
    chosen = st.segmented_control(
        "Show", list(_PARTS), key="team_part", required=True, label_visibility="collapsed",
        format_func=lambda name: f"{_PARTS[name][0]} ({n[name]:,})" if n.get(name) else _PARTS[name][0],
        on_change=query_params.bind("team_part", PART, query_params.read_option(PART, _PARTS, "sessions")),
    )  # fmt: skip
    return chosen or "sessions"


def show_tab(project: ProjectSummary, part: str) -> None:
    """Show one tab."""
    _PARTS[part][1](project)


def chosen_image(project: ProjectSummary) -> int | None:
    """Returns the image id in the URL, if any."""
    return query_params.read_number(IMAGE)


def show_image(project: ProjectSummary, image_id: int) -> None:
    """Show one picture's story."""
    image_story.show_story(project, image_id)
