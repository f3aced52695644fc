"""The tab of review sessions: the open ones, starting one, joining one."""

from collections.abc import Sequence

import streamlit as st

from curate.catalog import projects, runs
from curate.catalog.best_run import best_run
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.labelling import pages as labelling_pages
from curate.review.labelling.orders import ORDERS
from curate.review.listing import saved_views
from curate.review.listing.orders import SORTS
from curate.review.listing.score_columns import has_doubts
from curate.review.listing.views import View
from curate.review.team import members, sessions
from curate.review.team.sessions import SessionRow, Terms
from curate.ui.rendering import formatting, html
from curate.ui.review import view_url
from curate.ui.shell import guards, identity, navigation, next_step, query_params, run_picker
from curate.ui.team import text

REPEAT_PCT = 5
_SIZES = {100: "100", 500: "500", 2_000: "2,000", 0: "As many as there are"}
_PEOPLE = {1: "One person", 2: "Two people", 3: "Three people"}
_WHEN = {"always": "Every picture", "sample": "One picture in ten", "deletes": "Only deletes"}


def show_sessions(project: ProjectSummary) -> None:
    """Show the open sessions with the people present, and the form that starts another."""
    finished = runs.outside_experiments(runs.list_runs(project.id, only_done=True))
    open_ones = sessions.of_project(project.id)
    if not finished and not project.n_unlabelled:
        st.info("A session is about the pictures that a model views hard: train one first.", icon=":material/info:")
        next_step.next_step(project)
        return
    if not open_ones:
        st.markdown(
            "Several people can go through the same pictures at once: each is given a batch that nobody else has, "
            "and sees what the others decide."
        )
    is_expanded = not open_ones or view_url.is_given()
    with st.expander("Start a session", icon=":material/group_add:", expanded=is_expanded, key="start_session"):
        _start(project, finished)
    st.fragment(lambda: _show_open(project), run_every=3 if open_ones else None)()
    _show_closed(project)


def _show_open(project: ProjectSummary) -> None:
    for session in sessions.of_project(project.id):
        with st.container(border=True, key=f"open_session_{session.id}"):
            left, right = st.columns([4, 1], vertical_alignment="center")
            with left:
                st.html(_card(session, identity.reviewer()))
            with right, st.container(horizontal=True, horizontal_alignment="right"):
                _show_buttons(session)


def _card(session: SessionRow, me: str) -> str:
    people = members.people(session.id)
    about = f"{text.terms(session)} Started by {html.text(session.author, 40)} "
    return text.session_bar(session, people, me) + html.quiet(about + html.moment(session.created_at))


def _show_buttons(session: SessionRow) -> None:
    has_joined = any(person.reviewer == identity.reviewer() for person in members.people(session.id))
    label = "Go on" if has_joined else "Join"
    if st.button(label, key=f"join_{session.id}", type="primary", icon=":material/login:"):
        _go(session.id, session.is_unlabelled)
    if st.button("Close", key=f"close_{session.id}", help="Nobody is given pictures any more; what was said stays"):
        sessions.close(session.id)
        st.rerun()


def _show_closed(project: ProjectSummary) -> None:
    closed = sessions.of_project(project.id, is_open=False)
    if not closed:
        return
    with st.expander(formatting.counted(len(closed), "closed session"), key="closed_sessions"):
        for session in closed:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(
                    f"<div>{html.text(session.name, 60)} {html.quiet(text.progress(session))}</div>",
                    width="stretch",
                )
                if st.button("Open again", key=f"reopen_{session.id}", type="tertiary"):
                    sessions.reopen(session.id)
                    st.rerun()


def _start(project: ProjectSummary, finished: Sequence[RunRow]) -> None:
    name = st.text_input("Name", value=_free_name(project), key="session_name", max_chars=100)
    is_unlabelled = _choose_unlabelled(project, finished)
    if is_unlabelled:
        order = st.selectbox(
            "In which order", list(ORDERS), key="session_order", format_func=lambda name: ORDERS[name].title,
            help="As it is now: the queue keeps it.",
        )  # fmt: skip
        view = View(0)
    else:
        view = _choose_view(project, finished)
    n_images = st.segmented_control(
        "How many", list(_SIZES), default=500, format_func=_SIZES.__getitem__, key="session_size", required=True
    )
    n_opinions = st.segmented_control(
        "Who looks at a picture", list(_PEOPLE), default=1, format_func=_PEOPLE.__getitem__, key="session_people",
        required=True, help="Nobody sees what the others said of a picture before it is settled.",
    )  # fmt: skip
    when = "always"
    if (n_opinions or 1) > 1:
        when = st.segmented_control(
            "Of which pictures", list(_WHEN), default="always", format_func=_WHEN.__getitem__, key="session_when",
            required=True,
        )  # fmt: skip
    is_repeated = not is_unlabelled and st.toggle(
        "Show everybody some of their own pictures again", key="session_repeats",
        help=f"{REPEAT_PCT} % come a second time, unsaid: how far people agree with themselves.",
    )  # fmt: skip
    if st.button("Start and join", key="session_go", type="primary"):
        terms = Terms(name, view, n_images or None, n_opinions or 1, when or "always", REPEAT_PCT if is_repeated else 0)
        with guards.shown_errors():
            if is_unlabelled:
                image_ids = labelling_pages.first(project.id, order, n_images or sessions.MOST_FIXED)
                session_id = sessions.create_unlabelled(project.id, identity.reviewer(), terms, image_ids)
            else:
                session_id = sessions.create(project.id, identity.reviewer(), terms)
            _go(session_id, is_unlabelled)


def _go(session_id: int, is_unlabelled: bool) -> None:
    navigation.go("label" if is_unlabelled else "curate", {"session": str(session_id)})


def _choose_unlabelled(project: ProjectSummary, finished: Sequence[RunRow]) -> bool:
    """Returns whether the session is about pictures without a label; shows the choice where there are both kinds."""
    if not project.n_unlabelled or not finished:
        return bool(project.n_unlabelled)
    kinds = {False: "Labels to check", True: f"{formatting.counted(project.n_unlabelled, 'picture')} without a label"}
    chosen = st.segmented_control(
        "What about", list(kinds), default=False, format_func=kinds.__getitem__, key="session_kind", required=True
    )
    return bool(chosen)


def _choose_view(project: ProjectSummary, finished: Sequence[RunRow]) -> View:
    run_id = query_params.read_number(run_picker.ADDRESS)
    best = best_run(list(finished), "review")
    index = next((place for place, run in enumerate(finished) if run.id in (run_id or best.run.id,)), 0)
    run = st.selectbox(
        "Run", list(finished), index, format_func=run_picker.in_short, key="session_run", help=best.reason or None
    )
    views = _views(project, run)
    return views[st.selectbox("Which pictures, in which order", list(views), key="session_view")]


def _free_name(project: ProjectSummary) -> str:
    taken = {session.name for is_open in (True, False) for session in sessions.of_project(project.id, is_open)}
    return next(name for n in range(1, len(taken) + 2) if (name := f"Session {n}") not in taken)


def _views(project: ProjectSummary, run: RunRow) -> dict[str, View]:
    """Returns views by title: the visitor's filters, unreviewed pictures, all pictures, and the saved views."""
    sort = "doubt" if has_doubts(run.id) else "loss"
    hardest = "Not reviewed yet, the most doubtful first" if sort == "doubt" else "Not reviewed yet, highest loss first"
    views = {hardest: View(run.id, sort, reviewed="no"), "All pictures, in the same order": View(run.id, sort)}
    if view_url.is_given():
        order = query_params.read_text(view_url.ORDER, sort)
        labels = {label.id for label in projects.labels(project.id)}
        filtered = view_url.read(project.id, run.id, order if order in SORTS else sort, labels)
        views = {"As you had filtered them": filtered, **views}
    for row in saved_views.list_views(project.id):
        views[formatting.shorten(f"View: {row.name}", 80)] = row.of_run(run.id)
    return views
