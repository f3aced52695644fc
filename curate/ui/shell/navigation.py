"""The pages there are, in the order of the loop, and how one leads to another without losing the project."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from curate.ui.shell import current_project

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Place:
    """A page's name in the menu, its icon, and what it is for, in one sentence; pages off the menu are linked to."""

    title: str
    icon: str
    purpose: str
    is_in_menu: bool = True


PLACES = {
    "overview": Place("Overview", "home", "What there is, how good it is, and what to do next."),
    "gather": Place("Gather", "add_photo_alternate", "Bring pictures into the project, with labels or without."),
    "label": Place("Label", "new_label", "Pictures that have no label yet: give them one, by key or all at once."),
    "train": Place("Train", "model_training", "Teach a model to tell the labels apart, and watch it learn."),
    "evaluate": Place("Evaluate", "grid_on", "What the model gets right, and which labels it mixes up."),
    "curate": Place("Curate", "checklist", "Look at what the model found hard, and put wrong labels right."),
    "map": Place(
        "Map", "scatter_plot", "All pictures at once, those that look alike together: choose some, review them."
    ),
    "duplicates": Place(
        "Duplicates",
        "filter_none",
        "Pictures that are nearly the same, side by side: keep one, or say that they differ.",
    ),
    "team": Place("Team", "groups", "Review together: share the pictures, get second opinions, see who did what."),
    "compare": Place("Compare", "compare_arrows", "What the cleaning was worth: two runs side by side."),
    "predict": Place("Predict", "image_search", "Ask a trained model about new pictures."),
    "export": Place("Export", "ios_share", "Take the pictures and their labels, or a model, elsewhere."),
    "history": Place("History", "history", "Everything that happened to the project; any version can be restored."),
    "write_back": Place(
        "Write back",
        "drive_file_move",
        "Move the files of the folder that the project came from to where their labels say.",
        is_in_menu=False,
    ),
}


def page(name: str) -> st.Page:
    """Streamlit's page of that name.

    It has no icon of its own: Streamlit would make a browser icon of it and fetch that from fonts.gstatic.com.
    """
    return st.Page(ROOT / "pages" / f"{name}.py", title=PLACES[name].title, icon="", default=name == "overview")


def all_pages() -> list[st.Page]:
    """Every page, in the order of the loop."""
    return [page(name) for name in PLACES]


def link(name: str, label: str = "", query: Mapping[str, str] | None = None, project_id: int | None = None) -> None:
    """A link to a page of the chosen project, or of `project_id`; `query` fills the rest of the address.

    label: Markdown; texts from people in it go through `words.plain` first.
    """
    place = PLACES[name]
    icon = f":material/{place.icon}:"
    st.page_link(page(name), label=label or place.title, icon=icon, query_params=_address(query, project_id))


def go(name: str, query: Mapping[str, str] | None = None, project_id: int | None = None) -> NoReturn:
    """Leave for another page; the address is that of `link`."""
    st.switch_page(page(name), query_params=_address(query, project_id))


def _address(query: Mapping[str, str] | None, project_id: int | None) -> dict[str, str]:
    return current_project.address(project_id) | dict(query or {})
