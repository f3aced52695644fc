"""What came from what, worked out by hand on twelve held-out pictures."""

from collections.abc import Callable
from typing import Any

import pytest

from curate.catalog import runs
from curate.review.deciding import apply as applying
from curate.review.deciding.decisions import Op, decide
from curate.review.reports.run_comparison import compare_runs
from curate.review.worth.provenance import find_provenance
from tests.factories import add_run

CAT, DOG = (0.9, 0.1), (0.1, 0.9)
# Two of each to train on, three of each held out: cats at 2, 3, 4, dogs at 7, 8, 9.
ENTRIES = [(label, split) for label in ("cats", "dogs") for split in ["train"] * 2 + ["valid"] * 3]


def change(project: Any, place: int, action: str, label: str = "") -> None:
    op = Op(place + 1, (project.image_ids[place],), action, project.label_ids.get(label))
    decide(project.id, "Ada", [op], f"test-{place}")


@pytest.fixture
def cleaned(make_project: Callable[..., Any]) -> tuple[Any, runs.RunRow, runs.RunRow]:
    """Before: wrong about 2, 3 and 7, of 6. Then 2 is relabelled to dogs, 7 deleted, 8 kept. After: wrong about 3."""
    project = make_project(ENTRIES)
    before = add_run(project.id, [CAT, CAT, DOG, DOG, CAT, DOG, DOG, CAT, DOG, DOG])
    change(project, 2, "relabel", "dogs")
    change(project, 7, "delete")
    change(project, 8, "keep")
    applying.apply(project.id, "Ada")
    after = add_run(project.id, [CAT, CAT, DOG, DOG, CAT, DOG, DOG, DOG, DOG])
    return project, runs.find_run(before), runs.find_run(after)


def test_pictures_labels_and_model_add_up_to_the_whole_change(cleaned):
    _, before, after = cleaned
    origin = find_provenance(compare_runs(before, after))
    assert origin is not None
    assert (origin.n, origin.own, origin.n_left, origin.n_left_wrong, origin.n_relabelled) == (5, 0.5, 1, 1, 1)
    assert origin.then == (0.6, 0.8)  # on 2, 3, 4, 8, 9: before wrong about 2 and 3 by its labels, after about 3
    assert origin.today == (0.8, 0.8)
    assert [origin.by_pictures, origin.by_labels, origin.by_model] == pytest.approx([0.1, 0.2, 0.0])
    assert origin.sentence("Run 1", "Run 2") == (
        "From Run 1's 50.0 % in its time to Run 2's 80.0 % today: +10.0 points because pictures left validation, +20.0 "
        "because 1 validation label changed, 0.0 by the model."
    )
    assert origin.left_in_words("Run 1") == "1 picture left validation since, 1 of which Run 1 had wrong."


def test_confirmed_pictures_are_those_that_a_person_kept_or_relabelled(cleaned):
    _, before, after = cleaned
    origin = find_provenance(compare_runs(before, after))
    assert origin is not None
    assert (origin.n_confirmed, origin.confirmed.value) == (2, 0.0)


def test_without_shared_pictures_there_is_nothing_to_say(make_project):
    project = make_project(ENTRIES)
    before = add_run(project.id, [CAT] * 10)
    for place in (2, 3, 4, 7, 8):
        change(project, place, "delete")
    applying.apply(project.id, "Ada")
    after = add_run(project.id, [CAT] * 5)
    change(project, 9, "delete")
    applying.apply(project.id, "Ada")
    assert find_provenance(compare_runs(runs.find_run(before), runs.find_run(after))) is None
