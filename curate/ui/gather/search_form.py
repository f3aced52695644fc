"""The table of what to search for: a label in each row, its own query, how many pictures, and where from."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from curate import jobs
from curate.catalog import gatherings, projects
from curate.catalog.gatherings import NewSearch
from curate.catalog.projects import ProjectSummary
from curate.gather import gather_request
from curate.gather.limits import Limits
from curate.gather.search_sources import BY_WORDS, SEARCHES
from curate.ui.gather import options as gather_options
from curate.ui.shell import guards, identity, query_params

N_USUAL = 100
MORE_OF, MORE = "more_of", "more"  # ?more_of=chihuahua&more=50: what other pages link to
_COLUMNS = ["Label", "Query", "How many", "From"]
_ROUND = "searches_round"


def show(project: ProjectSummary | None, make_project: Callable[[str], int]) -> None:
    """The table with its two buttons. make_project: the id of the project to gather into, made when it is a new one;
    it is given a name in case nobody typed one."""
    edited = st.data_editor(
        _first_rows(project),
        key=f"searches_{project.id if project else 'new'}_{_round()}",
        num_rows="dynamic",
        hide_index=True,
        column_config=_column_config(),
        alt="What to gather: label, query, how many, from where",
    )
    st.caption(
        "The query is what is searched for, the label what pictures are filed under: *chihuahua dog* for *chihuahua*, "
        "or a Mexican state comes along. An empty query is the label itself; without a label, pictures wait on the "
        "Label page."
    )
    options, limits = gather_options.show()
    with st.container(horizontal=True):
        looks = st.button("Preview", key="preview", icon=":material/visibility:", help="See the first results of each")
        starts = st.button("Start", key="start_gathering", type="primary", icon=":material/download:")
    if looks or starts:
        with guards.shown_errors():
            _submit("gather" if starts else "preview", make_project, _searches(edited, options), limits)


def _submit(kind: str, make_project: Callable[[str], int], searches: list[NewSearch], limits: Limits) -> None:
    if not searches:
        gather_request.ask(0, searches, limits, "")  # says what is missing, before a project is made for it
    project_id = make_project(gather_request.title(searches).removeprefix("Gather "))
    start(kind, gather_request.ask(project_id, searches, limits, identity.reviewer()))


def start(kind: str, gathering_id: int) -> None:
    """Hand a gathering, or the look before it, to a job."""
    gathering = gatherings.find_gathering(gathering_id)
    title = gathering.title if kind == "gather" else f"Preview: {gathering.title.removeprefix('Gather ')}"
    jobs.enqueue(kind, gathering.project_id, {"gathering": gathering_id}, title, identity.reviewer())
    query_params.remove(MORE_OF)
    query_params.remove(MORE)
    st.session_state[_ROUND] = _round() + 1
    st.rerun()


def _first_rows(project: ProjectSummary | None) -> pd.DataFrame:
    """What the table begins with: what was asked for last, else the project's labels, else one empty row."""
    rows: list[tuple[str, str, int, str]] = []
    last = gatherings.list_gatherings(project.id, limit=1) if project else []
    last_searches = [search for search in gatherings.searches(last[0].id) if search.source in BY_WORDS] if last else []
    queries = {search.label: search for search in last_searches}
    if more_of := query_params.read_text(MORE_OF):
        search = queries.get(more_of)
        rows = [
            (
                more_of,
                search.query if search else more_of,
                _more(),
                SEARCHES[search.source if search else BY_WORDS[0]].title,
            )
        ]
    elif last_searches:
        rows = [(one.label, one.query, one.n_wanted, SEARCHES[one.source].title) for one in last_searches]
    elif project:
        rows = [(each.name, each.name, N_USUAL, SEARCHES[BY_WORDS[0]].title) for each in projects.labels(project.id)]
    return pd.DataFrame(rows or [("", "", N_USUAL, SEARCHES[BY_WORDS[0]].title)], columns=_COLUMNS)


def _more() -> int:
    given = query_params.read_text(MORE)
    return min(int(given), gather_request.MOST_WANTED) if given.isdecimal() and 0 < len(given) < 8 else 50


def _column_config() -> dict[str, Any]:
    titles = [SEARCHES[name].title for name in BY_WORDS]
    return {
        "Label": st.column_config.TextColumn(max_chars=projects.MAX_NAME, width="medium"),
        "Query": st.column_config.TextColumn(max_chars=200, width="medium"),
        "How many": st.column_config.NumberColumn(
            min_value=1, max_value=gather_request.MOST_WANTED, default=N_USUAL, step=1
        ),
        "From": st.column_config.SelectboxColumn(options=titles, default=titles[0], required=True),
    }


def _searches(edited: pd.DataFrame, options: dict[str, dict[str, Any]]) -> list[NewSearch]:
    by_title = {SEARCHES[name].title: name for name in BY_WORDS}
    searches = []
    for label, query, n_wanted, title in edited[_COLUMNS].itertuples(index=False):
        if not _text(label) and not _text(query):
            continue
        source = by_title.get(_text(title), BY_WORDS[0])
        n = N_USUAL if pd.isna(n_wanted) else int(n_wanted)
        searches.append(NewSearch(_text(label), _text(query), n, source, options.get(source, {})))
    return searches


def _text(cell: Any) -> str:
    return "" if cell is None or pd.isna(cell) else str(cell).strip()


def _round() -> int:
    return int(st.session_state.get(_ROUND, 0))
