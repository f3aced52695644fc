"""One timeline of versions, runs and decisions: order, bursts, pages."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from curate.catalog import database, runs
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Decision, now
from curate.catalog.versions import VersionRow
from curate.errors import BadInput, NotFound
from curate.review.deciding import decisions
from curate.review.deciding.apply import WayBack, apply, preview_restore, restore
from curate.review.reports import timeline
from curate.review.reports.timeline import Burst, find_decisions, find_events


def decide(project: Any, reviewer: str, action: str, *numbers: int, label: str | None = None) -> None:
    for number in numbers:
        label_id = project.label_ids[label] if label else None
        op = decisions.Op(number, (project.image_ids[number],), action, label_id)
        decisions.decide(project.id, reviewer, [op], f"test-{reviewer}-{action}")


def in_short(event: timeline.Event) -> str:
    if isinstance(event, VersionRow):
        return f"version {event.number}"
    if isinstance(event, timeline.Burst):
        return f"{event.reviewer} {dict(event.n)}"
    assert isinstance(event, RunRow)
    return f"run {event.number}"


def events_of(project: Any, **options: Any) -> list[str]:
    return [in_short(event) for event in find_events(project.id, **options).events]


def test_everything_is_told_newest_first_and_a_version_ends_a_burst(small_project: Any) -> None:
    runs.create_run(small_project.id, {}, runs.training_set(small_project.id), None)
    decide(small_project, "Ada", "keep", 0, 1)
    decide(small_project, "Ada", "delete", 2)
    decide(small_project, "Ben", "keep", 3)
    apply(small_project.id, "Ben")
    decide(small_project, "Ben", "delete", 4)
    assert events_of(small_project) == [
        "Ben {'delete': 1}", "version 2", "Ben {'keep': 1}", "Ada {'delete': 1, 'keep': 2}", "run 1", "version 1",
    ]  # fmt: skip


def test_only_the_kinds_asked_for_are_told(small_project: Any) -> None:
    decide(small_project, "Ada", "keep", 0)
    apply(small_project.id, "Ada")
    assert events_of(small_project, kinds=("versions",)) == ["version 2", "version 1"]
    assert events_of(small_project, kinds=("decisions",)) == ["Ada {'keep': 1}"]
    assert events_of(small_project, kinds=("runs",)) == []


def test_a_long_pause_begins_a_new_burst(small_project: Any) -> None:
    decide(small_project, "Ada", "keep", 0, 1)
    with database.writing() as session:
        session.execute(update(Decision).where(Decision.id == 1).values(created_at=now() - timedelta(minutes=31)))
    assert events_of(small_project, kinds=("decisions",)) == ["Ada {'keep': 1}", "Ada {'keep': 1}"]


def test_pages_hold_every_event_once(small_project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "PAGE", 2)
    monkeypatch.setattr(timeline, "MOST_PER_PAGE", 3)
    for number, reviewer in enumerate(["Ada", "Ben", "Ada", "Ben", "Ada", "Ben", "Ada"]):
        decide(small_project, reviewer, "keep", number)
    pages, place = [], None
    while True:
        page = find_events(small_project.id, before=place)
        pages.append([in_short(event) for event in page.events])
        place = page.older
        if place is None:
            break
    ada, ben = "Ada {'keep': 1}", "Ben {'keep': 1}"
    assert pages == [[ada, ben], [ada, ben], [ada, ben], [ada, "version 1"]]


def test_a_burst_longer_than_a_page_looks_at_goes_on_on_the_next(
    small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MOST_PER_PAGE", 3)
    decide(small_project, "Ada", "keep", 0, 1, 2, 3, 4)
    first = find_events(small_project.id)
    second = find_events(small_project.id, before=first.older)
    assert [in_short(event) for event in first.events] == ["Ada {'keep': 3}"]
    assert [in_short(event) for event in second.events] == ["Ada {'keep': 2}", "version 1"]
    assert second.older is None


def test_decisions_one_by_one_are_found_by_key(small_project: Any) -> None:
    decide(small_project, "Ada", "keep", 0, 1)
    decide(small_project, "Ada", "relabel", 2, label="dogs")
    newest = find_decisions(small_project.id, limit=2)
    assert [(row.action, row.file_name) for row in newest] == [("relabel", "2.png"), ("keep", "1.png")]
    assert newest[0].label_id == small_project.label_ids["dogs"]
    assert [row.file_name for row in find_decisions(small_project.id, newest[-1].id)] == ["0.png"]


def test_the_images_of_the_version_before_are_known(small_project: Any) -> None:
    decide(small_project, "Ada", "delete", 0)
    apply(small_project.id, "Ada")
    page = find_events(small_project.id, kinds=("versions",))
    assert page.images_before == {2: 8, 1: 0}
    assert [timeline.n_images(event) for event in page.events if isinstance(event, VersionRow)] == [7, 8]


def test_what_waits_is_newer_than_the_last_apply_whatever_was_restored_since(small_project: Any) -> None:
    decide(small_project, "Ada", "delete", 0)
    apply(small_project.id, "Ada")
    decide(small_project, "Ada", "keep", 1)
    restore(small_project.id, 1, "Ada")
    page = find_events(small_project.id)
    waits = [event.at > page.last_applied_at for event in page.events if isinstance(event, Burst)]
    assert waits == [True, False]


@pytest.mark.parametrize("place", ["", "yesterday~3", "2026-01-01T00:00:00~3", "2026-01-01T00:00:00+00:00~x"])
def test_a_place_that_is_none_is_refused(small_project: Any, place: str) -> None:
    with pytest.raises(BadInput, match="is no place in a history"):
        find_events(small_project.id, before=place)


def test_a_restore_is_told_before_it_is_done(small_project: Any) -> None:
    decide(small_project, "Ada", "delete", 0, 1)
    decide(small_project, "Ada", "relabel", 2, label="dogs")
    apply(small_project.id, "Ada")
    assert preview_restore(small_project.id, 1) == WayBack(n_relabelled=1, n_from_bin=2, n_to_bin=0)
    restore(small_project.id, 1, "Ada")
    assert preview_restore(small_project.id, 2) == WayBack(n_relabelled=1, n_from_bin=0, n_to_bin=2)
    assert preview_restore(small_project.id, 1).total == 0
    with pytest.raises(NotFound, match="no version 9"):
        preview_restore(small_project.id, 9)
