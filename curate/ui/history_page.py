"""The parts of the History page: the timeline, single decisions, restoring a version, and the bin."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from curate.catalog import projects, runs, samples
from curate.catalog.experiments import ExperimentRow
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.catalog.runs import RunRow
from curate.catalog.versions import VersionRow
from curate.evaluation import per_cent
from curate.review.deciding.apply import WayBack, empty_bin, n_binned, preview_restore, restore
from curate.review.reports import timeline
from curate.review.reports.timeline import Burst, DecisionRow, Timeline
from curate.ui.rendering import formatting, html, run_text
from curate.ui.shell import guards, identity, navigation, query_params

SHOWS = {"Everything": timeline.KINDS, "Versions": ("versions",), "Runs": ("runs",), "Decisions": ("decisions",)}
THUMB_PX = 40
THUMBS = 14  # of a burst
BIN_THUMBS = 24
_BEFORE = "before"  # ?before=…: where the page of history begins
_MESSAGE = "history_message"  # what the last restore or erasure did; shown once
_VERBS = {"import": "Imported", "apply": "Applied decisions", "restore": "Restored", "erase": "Emptied the bin"}
_STATUS = {"waiting": "waits", "running": "is running", "failed": "failed", "cancelled": "was cancelled"}
_DID = {"keep": "kept", "delete": "deleted", "relabel": "relabelled", "clear": "took back"}


def show_message() -> None:
    """Shows what the visitor's last restore or erasure did, once."""
    if message := st.session_state.pop(_MESSAGE, None):
        st.success(formatting.plain(message, 600), icon=":material/check_circle:")


def choose_kinds() -> str:
    """Show the choice of event kinds, kept in the URL; returns a key of `SHOWS`."""
    chosen = st.segmented_control(
        "Show", list(SHOWS), key="show", default="Everything", required=True, label_visibility="collapsed",
        bind="query-params", on_change=_forget_place,
    )  # fmt: skip
    return chosen or "Everything"


def show_events(project: ProjectSummary, show: str) -> None:
    """Show a page of the timeline, and the button to older ones."""
    with guards.shown_errors():
        page = timeline.find_events(project.id, SHOWS[show], query_params.read_text(_BEFORE) or None)
        if not page.events:
            st.caption("Nothing has happened here yet.")
        labels = _labels(project)
        for event in page.events:
            with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small"):
                _show_event(project, event, page, labels)
        _link_older(page.older)


def show_decisions(project: ProjectSummary) -> None:
    """Show decisions one by one with their pictures, newest first."""
    rows = timeline.find_decisions(project.id, query_params.read_number(_BEFORE), timeline.PAGE + 1)
    if not rows:
        st.caption("Nobody has decided anything yet.")
        return
    labels = _labels(project)
    html.show(html.columns([_decision_line(row, labels) for row in rows[: timeline.PAGE]], 300))
    _link_older(str(rows[timeline.PAGE - 1].id) if len(rows) > timeline.PAGE else None)


def show_bin(project: ProjectSummary) -> None:
    """Show the number of pictures in the bin, and the button that erases them for good."""
    n = n_binned(project.id)
    if not n:
        return
    label = f"{formatting.counted(n, 'picture')} in the bin"
    popover = st.popover(label, icon=":material/delete:", type="tertiary", key=f"bin_{n}", on_change="rerun")
    if not popover.open:
        return
    with popover:
        shown = [html.Shown(one.sha, one.file_name) for one in samples.of_bin(project.id, BIN_THUMBS)]
        html.show(html.strip(shown, THUMB_PX))
        st.markdown(
            f"Restoring an earlier version brings deleted pictures back. Emptying the bin erases "
            f"**{formatting.counted(n, 'picture')}** for good: no version can bring "
            f"{'it' if n == 1 else 'them'} back, and copies are not kept."
        )
        erase = partial(_empty_bin, project)
        label = f"Erase {formatting.counted(n, 'picture')} for good"
        st.button(label, key="empty_bin", icon=":material/delete_forever:", on_click=_act, args=(erase,))


def _show_event(project: ProjectSummary, event: timeline.Event, page: Timeline, labels: dict[int, LabelRow]) -> None:
    if isinstance(event, VersionRow):
        _show_version(project, event, page.images_before.get(event.number, 0))
    elif isinstance(event, RunRow):
        _show_run(event)
    elif isinstance(event, ExperimentRow):
        _show_experiment(event)
    else:
        _show_burst(event, labels, is_waiting=page.last_applied_at is None or event.at > page.last_applied_at)


def _show_version(project: ProjectSummary, version: VersionRow, n_before: int) -> None:
    n = timeline.n_images(version)
    change = f" ({'+' if n > n_before else '−'}{abs(n - n_before):,})" if n != n_before else ""
    message = html.text(version.message) if version.message else _VERBS.get(version.kind, "")
    facts = f"{_VERBS.get(version.kind, version.kind)} by {html.text(version.author, 60)}"
    without = f", {version.n_unlabelled:,} more without a label" if version.n_unlabelled else ""
    below = f"{facts} · {formatting.counted(n, 'image')}{change}{without} · {html.moment(version.created_at)}"
    _line(f"v{version.number}", message, below)
    if version.is_head:
        st.badge("now", color="green")
    else:
        _restore_button(project, version)


def _show_run(run: RunRow) -> None:
    if run.status == "done":
        how = f"accuracy {per_cent(run.accuracy)}" if run.accuracy is not None else "done"
    else:
        how = _STATUS.get(run.status, run.status)
    facts = f"{run_text.in_short(run)} · version {run.version_number}"
    _line(run.name, html.text(how), f"{html.text(facts)} · {html.moment(run.created_at)}")
    if run.status == "done":
        navigation.link("evaluate", query={"run": str(run.id)})


def _show_experiment(experiment: ExperimentRow) -> None:
    done = [run for run in runs.experiment_runs(experiment.id) if run.accuracy is not None]
    best = f", the best at {per_cent(max(run.accuracy or 0.0 for run in done))}" if done else ""
    of_runs = formatting.counted(experiment.n_runs, "run")
    text = f"{html.text(experiment.name, 80)}: {len(done):,} of {of_runs} done{best}"
    by = html.text(experiment.author, 60)
    _line("Experiment", text, f"queued by {by} · {html.moment(experiment.created_at)}")
    navigation.link("train", "See the result", {"experiment": str(experiment.id)})


def _show_burst(burst: Burst, labels: dict[int, LabelRow], is_waiting: bool) -> None:
    n = burst.n
    counts = [f"{html.sign(action)} {n[action]:,} {_DID[action]}" for action in _DID if n[action]]
    title = html.row(*(f'<span style="display:inline-flex;gap:5px;align-items:center">{one}</span>' for one in counts))
    shown = {row.sha: html.Shown(row.sha, _in_words(row, labels)) for row in burst.decisions if not row.is_erased}
    waits = " · not applied yet" if is_waiting else ""
    below = f"{html.text(burst.reviewer, 60)} · {html.moment(burst.at)}{waits}"
    _line("✓", title, below, html.line(list(shown.values())[:THUMBS], THUMB_PX))


def _line(badge: str, title: str, below: str, more: str = "") -> None:
    st.html(html.event(badge, title, below, more))


def _decision_line(row: DecisionRow, labels: dict[int, LabelRow]) -> str:
    what = f"{html.sign(row.action)}<span>{html.text(row.reviewer, 60)} {_DID.get(row.action, row.action)}</span>"
    label = labels.get(row.label_id or 0)
    to = f"<span>to</span>{html.chip(label.name, label.position)}" if label else ""
    below = html.quiet(f"{html.text(row.file_name, 80)} · {html.moment(row.at)}")
    picture = html.picture(html.Shown("" if row.is_erased else row.sha, row.file_name), 48)
    return html.beside(picture, html.row(what, to) + below)


def _in_words(row: DecisionRow, labels: dict[int, LabelRow]) -> str:
    label = labels.get(row.label_id or 0)
    return f"{_DID.get(row.action, row.action)}{f' to {label.name}' if label else ''}: {row.file_name}"


def _restore_button(project: ProjectSummary, version: VersionRow) -> None:
    # A popover that the server closes opens again at the next click anywhere, and the rerun of that overtakes a click
    # on a link (Streamlit 1.67). With the head in its key, a restore replaces the popover instead of closing it.
    key = f"restore_{version.number}_from_{project.version_number}"
    popover = st.popover("Restore", type="tertiary", icon=":material/restore:", key=key, on_change="rerun")
    if not popover.open:
        return
    with popover, guards.shown_errors():
        way = preview_restore(project.id, version.number)
        st.markdown(_preview(way, version.number, project.version_number))
        if way.total:
            restore_it = partial(_restore, project, version.number, way)
            label = f"Restore version {version.number}"
            st.button(label, key=f"do_{key}", type="primary", on_click=_act, args=(restore_it,))


def _preview(way: WayBack, number: int, head: int) -> str:
    if not way.total:
        return f"The project stands as it did in version {number}."
    return f"{_describe_changes(way, number)} Nothing is erased: version {head} can be restored just so."


def _describe_changes(way: WayBack, number: int) -> str:
    """Returns a sentence on what restoring version `number` changes; it may be older or newer."""
    parts = [
        (way.n_from_bin, "comes back from the bin", "come back from the bin"),
        (way.n_relabelled, f"gets its label of version {number}", f"get their labels of version {number}"),
        (way.n_to_bin, "goes to the bin", "go to the bin"),
    ]
    sentences = [f"{formatting.counted(n, 'image')} {one if n == 1 else many}" for n, one, many in parts if n]
    return f"{', '.join(sentences)}."


def _restore(project: ProjectSummary, number: int, way: WayBack) -> str:
    restore(project.id, number, identity.reviewer())
    now = projects.find_project(project.id).version_number
    return f"Version {number} is restored, as version {now}: {_describe_changes(way, number)}"


def _empty_bin(project: ProjectSummary) -> str:
    n, n_bytes = empty_bin(project.id, identity.reviewer())
    return f"{formatting.counted(n, 'picture')} erased for good; {formatting.size(n_bytes)} are free again."


def _act(act: Callable[[], str]) -> None:
    """Call `act` and keep its sentence for the next run, which shows it."""
    with guards.shown_errors():
        st.session_state[_MESSAGE] = act()


def _labels(project: ProjectSummary) -> dict[int, LabelRow]:
    return {label.id: label for label in projects.labels(project.id, with_unlabelled=True)}


def _link_older(older: str | None) -> None:
    with st.container(horizontal=True):
        if query_params.read_text(_BEFORE) and st.button("Newest", key="newest", icon=":material/first_page:"):
            _forget_place()
            st.rerun()
        if older and st.button("Older", key="older", icon=":material/arrow_downward:"):
            query_params.put(_BEFORE, older)
            st.rerun()


def _forget_place() -> None:
    query_params.remove(_BEFORE)
