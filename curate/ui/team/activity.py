"""The tab on who did what: people with counts and pace, the log of decisions, its export, and revising a person's."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from curate.catalog import projects, runs
from curate.catalog.projects import ProjectSummary
from curate.review.team import activity, notes, revising
from curate.review.team.activity import DecisionFilter, DecisionRow
from curate.review.team.revising import DecisionsOf
from curate.ui.rendering import formatting, html
from curate.ui.rendering.image_urls import base_path
from curate.ui.shell import current_project, guards, identity, query_params

_PERIODS = {"1": "Today", "7": "7 days", "30": "30 days", "0": "Ever"}
_ACTIONS = {"keep": "Kept", "delete": "Deleted", "relabel": "Relabelled", "clear": "Taken back"}
_BEFORE = "before"


def show_activity(project: ProjectSummary) -> None:
    """Show the filters, the people and their decisions. The URL holds the filters."""
    chosen = _choose_filter(project)
    people = activity.people(project.id, chosen)
    if not people:
        st.info("Nobody has decided anything in this time.", icon=":material/hourglass_empty:")
        return
    opinions = activity.n_opinions(project.id, chosen)
    rows = [
        {
            "Who": person.reviewer, "Decisions": person.total,
            **{title: person.n.get(action, 0) for action, title in _ACTIONS.items()},
            "Opinions": opinions.get(person.reviewer, 0),
            "An hour of work": "–" if person.per_hour is None else f"{person.per_hour:,.0f}", "Last": person.last_at,
        }
        for person in people
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key="team_people",
        column_config={"Last": st.column_config.DatetimeColumn(format="distance")},
    )  # fmt: skip
    if chosen.reviewer:
        _offer_revising(project, chosen)
    _show_log(project, chosen)


def _choose_filter(project: ProjectSummary) -> DecisionFilter:
    names = {name: formatting.shorten(name, 40) for name in notes.people(project.id)}
    finished = {str(run.id): run.name for run in runs.list_runs(project.id, only_done=True)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        days = _choose("period", "Period", _PERIODS, "30", 120)
        reviewer = _choose("who", "Anybody", names, None, 180)
        action = _choose("did", "Any decision", _ACTIONS, None, 150)
        run = _choose("of_run", "Any run", finished, None, 130)
        since = datetime.now(UTC) - timedelta(days=int(days)) if days and days != "0" else None
        chosen = DecisionFilter(reviewer, action, int(run) if run else None, since)
        st.link_button("Export as CSV", _export_url(project, chosen), icon=":material/download:")
    return chosen


def _choose(name: str, label: str, options: dict[str, str], default: str | None, width: int) -> str | None:
    """Show a select box bound to `name` of the URL; returns the chosen option."""
    key = f"work_{name}"
    on_change = query_params.bind(key, name, query_params.read_option(name, [*options, None], default), (_BEFORE,))
    st.selectbox(
        label, list(options), index=None if default is None else 0, format_func=lambda option: options[option],
        key=key, placeholder=label, label_visibility="collapsed", width=width,
        on_change=on_change,
    )  # fmt: skip
    option: str | None = st.session_state[key]
    return option


def _export_url(project: ProjectSummary, chosen: DecisionFilter) -> str:
    given = {"reviewer": chosen.reviewer, "action": chosen.action, "run_id": chosen.run_id, "since": chosen.since}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return f"{base_path()}/api/projects/{project.id}/decisions.csv?{query}"


def _offer_revising(project: ProjectSummary, chosen: DecisionFilter) -> None:
    decisions = DecisionsOf(chosen.reviewer or "", chosen.action, since=chosen.since)
    n = revising.count(project.id, decisions) if chosen.action != "clear" else 0
    if not n:
        return
    with st.popover(
        f"Revise {formatting.counted(n, 'decision')} of {formatting.plain(decisions.reviewer, 40)}", key="revise"
    ):
        st.markdown("Those that stand and that no version has taken in yet. It is one step: undo brings them back.")
        labels = {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}
        if st.button(f"Take back {n:,}", key="revise_clear", icon=":material/undo:"):
            _revise(project, decisions, "clear", None)
        if st.button(f"Keep these {n:,} as filed", key="revise_keep"):
            _revise(project, decisions, "keep", None)
        to = st.selectbox(
            "or relabel them to", list(labels), index=None,
            format_func=lambda id_: formatting.shorten(labels[id_].name, 60), key="revise_label",
        )  # fmt: skip
        if to is not None and st.button(f"Relabel {n:,}", key="revise_relabel"):
            _revise(project, decisions, "relabel", to)


def _revise(project: ProjectSummary, decisions: DecisionsOf, action: str, label_id: int | None) -> None:
    with guards.shown_errors():
        n = revising.revise(project.id, identity.reviewer(), decisions, action, label_id)
        st.toast(f"Revised {formatting.counted(n, 'decision')}. Undo on the Curate page brings them back.")
        st.rerun()


def _show_log(project: ProjectSummary, chosen: DecisionFilter) -> None:
    before = query_params.read_number(_BEFORE)
    rows = activity.find(project.id, chosen, before, activity.PAGE + 1)
    st.html(html.columns([_line(project, row) for row in rows[: activity.PAGE]], 320))
    with st.container(horizontal=True):
        if before and st.button("Newest", key="newest", icon=":material/first_page:"):
            query_params.write(**{_BEFORE: None})
            st.rerun()
        if len(rows) > activity.PAGE and st.button("Older", key="older", icon=":material/arrow_downward:"):
            query_params.write(**{_BEFORE: rows[activity.PAGE - 1].id})
            st.rerun()


def _line(project: ProjectSummary, row: DecisionRow) -> str:
    to = f"to {html.text(row.label, 40)}" if row.label else ""
    what = f"<span>{html.text(row.reviewer, 40)} {_ACTIONS[row.action].lower()} {to}</span>"
    facts = [html.text(row.file_name, 60), html.moment(row.at)]
    facts += [f"run {row.run}"] if row.run else []
    facts += ["applied"] if row.is_applied else []
    facts += ["by undo or redo"] if row.was_turned else []
    reason = f"<div>“{html.text(row.reason)}”</div>" if row.reason else ""
    address = "?" + urlencode(current_project.address(project.id) | {"image": row.image_id})
    picture = f'<a href="{address}" target="_self">{html.picture(html.Shown(row.sha, row.file_name), 48)}</a>'
    return html.beside(picture, html.row(html.sign(row.action), what) + html.quiet(" · ".join(facts)) + reason)
