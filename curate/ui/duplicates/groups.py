"""Groups of duplicates, page by page: large pictures with their facts, and a button for each choice."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st

from curate.catalog import duplicates, projects
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.evaluation import per_cent
from curate.quality.groups import LEVELS
from curate.quality.issues import BITS
from curate.review.deciding import duplicates as review
from curate.review.deciding.duplicates import Copies, Copy
from curate.ui.components import cards
from curate.ui.duplicates import last_done
from curate.ui.duplicates.filters import DECIDED, PAGE
from curate.ui.rendering import formatting
from curate.ui.rendering.colours import DECISION_SIGNS
from curate.ui.shell import guards, identity, query_params, undo_key

GROUPS = 8  # on a page
MOST_SHOWN = 12  # pictures of a group
CARD_PX = 130  # two beside each other on a phone
GROUP_PX = 440
_HELD = "duplicate_groups"


@dataclass(frozen=True)
class Held:
    """The groups of one visitor's page, which stay while decisions remove them from the list."""

    key: tuple[int, int, int, str, int]  # project, version, distance, which, page
    group_ids: list[int]


def show_groups(project: ProjectSummary, distance: int, which: str) -> None:
    """Show the page of groups that the URL names, in a fragment, so that a choice reruns nothing else."""
    st.fragment(lambda: _draw(project, distance, which))()


def start_over() -> None:
    """Forget the page's groups; the next rerun reads them from the catalog."""
    st.session_state.pop(_HELD, None)


def _draw(project: ProjectSummary, distance: int, which: str) -> None:
    number = max(1, query_params.read_number(PAGE) or 1)
    groups = review.find_copies(duplicates.groups_by_id(_held(project, distance, which, number)))
    newest = undo_key.find_newest(_undo_buttons(project, groups))
    last_done.show_last_done(project, newest, start_over)
    if not groups:
        _show_nothing(distance, which, number)
    labels = {label.id: label for label in projects.labels(project.id)}
    with st.grid("auto", min_column_width=GROUP_PX, gap="small"):
        for copies in groups:
            with st.container(border=True, gap="small", key=f"copies_{copies.group_id}"):
                _show_copies(project, copies, labels, newest)
    _show_pager(project, distance, which, number)


def _undo_buttons(project: ProjectSummary, groups: list[Copies]) -> dict[str, int]:
    """The key of each undo button on the page, with the number of this visitor's newest decision behind it."""
    who = identity.reviewer()
    decided = {_undo_key(copies): copies.newest_decision_of(who) for copies in groups if copies.is_decided}
    return decided | dict.fromkeys(last_done.undo_keys(project), 0)


def _undo_key(copies: Copies) -> str:
    return f"undo_{copies.group_id}"


def _held(project: ProjectSummary, distance: int, which: str, number: int) -> list[int]:
    key = (project.id, project.version_number, distance, which, number)
    held: Held | None = st.session_state.get(_HELD)
    if held is None or held.key != key or not held.group_ids:
        groups = duplicates.find_groups(project.id, distance, number, GROUPS, which == DECIDED)
        held = st.session_state[_HELD] = Held(key, [group.id for group in groups])
    return held.group_ids


def _show_copies(project: ProjectSummary, copies: Copies, labels: dict[int, LabelRow], newest: str | None) -> None:
    """newest: the key of the undo button that Ctrl-Z presses."""
    st.markdown(_title(copies))
    shown = copies.copies[:MOST_SHOWN]
    sharpest = max((copy.sharpness or 0 for copy in copies.copies), default=0)
    shown_cards = [_card(copy, number, labels, sharpest) for number, copy in enumerate(shown, 1)]
    cards.show(shown_cards, f"cards_{copies.group_id}", CARD_PX, is_large=True)
    if len(copies.copies) > len(shown):
        st.caption(f"and {len(copies.copies) - len(shown):,} more, none of them larger")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if copies.is_decided:
            _show_decided(project, copies, newest)
        else:
            _show_choices(project, copies, labels)


def _title(copies: Copies) -> str:
    names = []
    if copies.is_across_labels:
        names.append(":orange-badge[:material/label: across labels]")
    if copies.is_across_splits:
        names.append(":violet-badge[:material/call_split: across splits]")
    if all(copy.bits == 0 for copy in copies.copies[1:]):
        names.append(":gray-badge[the same pixels]")
    return f"**{formatting.counted(len(copies.copies), 'picture')}** {' '.join(names)}"


def _card(copy: Copy, number: int, labels: dict[int, LabelRow], sharpest: float) -> cards.Card:
    image, label = copy.image, labels.get(copy.image.label_id)
    name = label.name if label else "?"
    facts = [f"{image.width:,} × {image.height:,}", formatting.size(image.n_bytes)]
    sharp = _sharpness(copy.sharpness, sharpest)
    apart = {None: "differs in over 40 bits", 0: "the same pixels"}.get(copy.bits, f"{copy.bits} of {BITS} bits differ")
    lines = (f"{number} · {image.split}", " · ".join(facts), sharp, "the best of them" if number == 1 else apart)
    return cards.Card(
        sha=image.sha,
        caption=f"{number}: {image.file_name}, filed under {name}, {image.split}, {', '.join(facts)}, {sharp}",
        tags=(cards.tag(label),),
        decision=image.decision,
        decided=image.decision or "",
        lines=lines,
    )


def _sharpness(own: float | None, sharpest: float) -> str:
    if own is None or not sharpest:
        return "sharpness unknown"
    return "sharpest" if own >= 0.995 * sharpest else f"{per_cent(own / sharpest)} as sharp"


def _show_decided(project: ProjectSummary, copies: Copies, newest: str | None) -> None:
    st.caption(_decided(copies), width="content")
    if undo_key.show_button(_undo_key(copies), newest):
        _act(partial(_undo, project, copies))


def _undo(project: ProjectSummary, copies: Copies) -> None:
    review.undo(project.id, copies, identity.reviewer())
    undo_key.forget(_undo_key(copies))


def _keep(project: ProjectSummary, copies: Copies, image_id: int) -> None:
    review.keep_one(project.id, copies, image_id, identity.reviewer())
    undo_key.remember(_undo_key(copies))


def _show_choices(project: ProjectSummary, copies: Copies, labels: dict[int, LabelRow]) -> None:
    key = copies.group_id
    for number, copy in enumerate(copies.copies[:MOST_SHOWN], 1):
        keep = partial(_keep, project, copies, copy.image.id)
        best = "Keep the best" if number == 1 else "Keep"
        label = labels.get(copy.image.label_id)
        under = f" as {formatting.plain(label.name, 24)}" if label and copies.is_across_labels else ""
        _button(f"{best} ({number}){under}", f"keep_{key}_{copy.image.id}", keep)
    different = partial(_say_different, project, copies)
    _button("Not duplicates", f"different_{key}", different, "tertiary")


def _decided(copies: Copies) -> str:
    counts = {word: sum(copy.image.decision == word for copy in copies.copies) for word in ("keep", "delete")}
    parts = [f"{DECISION_SIGNS[word]} {n:,} to {word}" for word, n in counts.items() if n]
    return f"{', '.join(parts)}: waits to be applied" if parts else "Decided"


def _say_different(project: ProjectSummary, copies: Copies) -> None:
    review.mark_different(project.id, copies.image_ids, identity.reviewer())
    last_done.remember_different(project, copies.image_ids)


def _button(text: str, key: str, act: Callable[[], None], kind: Literal["secondary", "tertiary"] = "secondary") -> None:
    if st.button(text, key=key, type=kind):
        _act(act)


def _act(act: Callable[[], None]) -> None:
    with guards.shown_errors():
        act()
        st.rerun()


def _show_nothing(distance: int, which: str, number: int) -> None:
    if number > 1:
        st.info("This is the end of the list.", icon=":material/flag:")
    elif which == DECIDED:
        st.info("No group is decided and waits to be applied.", icon=":material/info:")
    else:
        st.success(f"No group of pictures that are {LEVELS[distance]} waits for you.")


def _show_pager(project: ProjectSummary, distance: int, which: str, number: int) -> None:
    n_groups = sum(duplicates.count_groups(project.id, distance, which == DECIDED).values())
    n_pages = max(1, -(-n_groups // GROUPS), number)
    if n_pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        if st.button("Previous", key="before", icon=":material/chevron_left:", disabled=number == 1):
            _turn(number - 1)
        st.caption(f"Page {number:,} of {n_pages:,}", width="content")
        if st.button("Next", key="next", icon=":material/chevron_right:", disabled=number == n_pages):
            _turn(number + 1)


def _turn(number: int) -> None:
    start_over()
    query_params.write(**{PAGE: number if number > 1 else None})
    st.rerun(scope="fragment")
