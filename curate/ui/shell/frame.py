"""What stands around every page: the product's name, the project, the pages, what runs now, and who you are."""

from pathlib import Path

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.ui.rendering import formatting
from curate.ui.shell import cookies, current_project, identity, jobs_panel, navigation

NAME = "Curate"
LOGO = Path(__file__).with_name("logo.svg")
ICON = Path(__file__).with_name("icon.svg")
SCRIPTS = [Path(__file__).with_name(name) for name in ("close_sidebar.js", "escape.js", "undo_key.js")]
STYLE = Path(__file__).with_name("readable.css")
_CHOOSER = "project_chooser"


def prepare() -> st.Page:
    """Set the page up, read the address, and give back the page it asks for."""
    here = st.navigation(navigation.all_pages(), position="hidden")
    st.set_page_config(page_title=f"{here.title} · {NAME}", page_icon=str(ICON), layout="wide")
    return here


def show_sidebar(here: st.Page) -> None:
    """The sidebar of every page."""
    known = current_project.settle()
    st.logo(LOGO, icon_image=ICON, size="large")
    with st.sidebar:
        _choose_project(known)
        with st.container(gap="xxsmall"):
            for name, place in navigation.PLACES.items():
                if place.is_in_menu:
                    navigation.link(name, _text(name, place, known))
        jobs_panel.running_now(here.url_path or "overview")
        identity.show_visitor()
        cookies.write_due()
        scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
        st.html(STYLE)
        st.html(f"<script>{scripts}</script>", unsafe_allow_javascript=True)


def _text(name: str, place: navigation.Place, known: list[ProjectSummary]) -> str:
    """Returns a page's name in the menu; Label's with the number of pictures that have none."""
    project = next((each for each in known if each.id == current_project.chosen_id()), None)
    n_unlabelled = project.n_unlabelled if project and name == "label" else 0
    return f"{place.title} :gray-badge[{formatting.count(n_unlabelled)}]" if n_unlabelled else place.title


def _choose_project(known: list[ProjectSummary]) -> None:
    if not known:
        st.caption("No project yet")
        return
    names = {project.id: formatting.shorten(project.name, 80) for project in known}
    chosen = current_project.chosen_id()
    st.session_state[_CHOOSER] = chosen if chosen in names else None
    st.selectbox(
        "Project",
        list(names),
        index=None,
        format_func=names.__getitem__,
        key=_CHOOSER,
        on_change=_take_choice,
        placeholder="Choose a project",
        required=True,
        label_visibility="collapsed",
        icon=":material/folder_open:",
    )


def _take_choice() -> None:
    if st.session_state[_CHOOSER] is not None:
        current_project.choose(st.session_state[_CHOOSER])
