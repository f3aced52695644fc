"""One decision on all that match: what is previewed is decided, as one step, and goes on after a stop."""

import pytest

from curate.catalog.database import reading
from curate.catalog.tables.core import Decision
from curate.errors import BadInput
from curate.review.deciding import apply, bulk, decisions, undo
from curate.review.deciding.decisions import Op, decide
from curate.review.listing.pages import View, find_page
from tests.review.listing.test_matching import pets, shown  # noqa: F401 (a fixture)


class Stopped(Exception):
    pass


def standing(run_id: int) -> dict[int, tuple]:
    items = find_page(View(run_id, "doubt", reviewed=None)).items
    return {item.image_id: (item.decision, item.decision_label_id) for item in items if item.decision}


def test_the_preview_counts_and_what_it_showed_is_decided_as_one_step(pets):  # noqa: F811
    project_id, run_id = pets
    decide(project_id, "bob", [Op(1, (2,), "keep")], "client-1")
    view = View(run_id, "doubt", doubt_from=0.5)
    seen = bulk.preview(view)
    cat, dog = 1, 2
    assert (seen.n, seen.n_decided, seen.by_label) == (4, 1, {cat: 2, dog: 2})
    assert seen.suggested == {"relabel": 4, "delete": 0, "keep": 0}
    assert seen.examples == [6, 2, 8, 3]
    request = bulk.prepare(project_id, view, "delete", None, "ann", expected=4)
    assert standing(run_id) == {2: ("keep", None)}
    reports: list[tuple[int, int]] = []
    done = bulk.carry_out(request, lambda n, total: reports.append((n, total)))
    assert (dict(done.stored), reports) == ({"delete": 4}, [(0, 4), (4, 4)])
    assert standing(run_id) == dict.fromkeys((2, 3, 6, 8), ("delete", None))
    (step,) = undo.list_steps(project_id, "ann")
    assert (step.name, step.n_images) == ("Delete 4 that match", 4)
    undo.undo(project_id, "ann")
    assert standing(run_id) == {2: ("keep", None)}


def test_accepting_gives_each_what_is_suggested_for_it(pets):  # noqa: F811
    project_id, run_id = pets
    cat, dog = 1, 2
    done = bulk.carry_out(bulk.prepare(project_id, View(run_id), "accept", None, "ann"))
    assert dict(done.stored) == {"relabel": 4, "keep": 4}
    assert standing(run_id) == {
        2: ("relabel", dog), 3: ("relabel", dog), 6: ("relabel", cat), 8: ("relabel", cat),
        **dict.fromkeys((1, 4, 5, 7), ("keep", None)),
    }  # fmt: skip
    assert len(undo.list_steps(project_id, "ann")) == 1


def test_a_bulk_that_was_stopped_goes_on_and_decides_on_each_image_once(pets, monkeypatch):  # noqa: F811
    project_id, run_id = pets
    monkeypatch.setattr(bulk, "CHUNK", 3)
    request = bulk.prepare(project_id, View(run_id), "keep", None, "ann")

    def stop(done: int, total: int) -> None:
        if done == 6:
            raise Stopped

    with pytest.raises(Stopped):
        bulk.carry_out(request, stop)
    assert len(standing(run_id)) == 6
    bulk.carry_out(request)
    with reading() as session:
        assert session.query(Decision).count() == 8
    (step,) = undo.list_steps(project_id, "ann")
    assert step.n_images == 8


def test_images_that_left_meanwhile_are_counted_and_a_changed_view_is_refused(pets):  # noqa: F811
    project_id, run_id = pets
    request = bulk.prepare(project_id, View(run_id, split="valid"), "keep", None, "ann", expected=2)
    decide(project_id, "bob", [Op(1, (3,), "delete")], "client-1")
    apply.apply(project_id, "bob")
    done = bulk.carry_out(request)
    assert (dict(done.stored), done.n_gone) == ({"keep": 1}, 1)
    with pytest.raises(BadInput, match="1 match now, 2 did"):
        bulk.prepare(project_id, View(run_id, split="valid"), "keep", None, "ann", expected=2)
    assert decisions.waiting(project_id).total == 1


def test_a_relabel_without_a_label_is_refused(pets):  # noqa: F811
    project_id, run_id = pets
    with pytest.raises(BadInput, match="relabels to a label"):
        bulk.prepare(project_id, View(run_id), "relabel", None, "ann")
    assert shown(run_id, reviewed="yes") == []
