"""The blind check of flips: its queue, what counts as checked, and what others' decisions change."""

from typing import Any

import pytest

from curate.catalog import images, projects, runs
from curate.errors import BadInput
from curate.evaluation import difference_interval
from curate.review.deciding import apply, undo
from curate.review.deciding.decisions import Op, decide
from curate.review.reports.run_comparison import compare_runs
from curate.review.team import batches, blind_answers, flip_check, opinions, sessions
from curate.review.team.submission import Submission
from tests.factories import add_pictures, add_run

CAT, DOG = (0.9, 0.1), (0.2, 0.8)
N_VALID = 10
BEFORE = [CAT, CAT, DOG, DOG] + [CAT] * 6 + [DOG] * 4  # the first four are for training
AFTER = [CAT, CAT, DOG, DOG] + [CAT] * 3 + [DOG] * 3 + [CAT] * 2 + [DOG] * 2  # v3, v4, v5 become dogs, v6, v7 cats
FLIPS = ["v3.png", "v4.png", "v5.png", "v6.png", "v7.png"]


@pytest.fixture
def pair() -> tuple[int, int]:
    """Ids of two runs that differ on five of ten validation pictures."""
    project_id = projects.create_project("pets")
    entries: dict[str, tuple] = {f"t{i}.png": ("cat" if i < 2 else "dog", "train") for i in range(4)}
    entries |= {f"v{i}.png": ("cat" if i < 6 else "dog", "valid") for i in range(N_VALID)}
    add_pictures(project_id, entries)
    return add_run(project_id, BEFORE), add_run(project_id, AFTER)


class Check:
    """A check of a pair with what its reviewers say, by file names."""

    def __init__(self, pair: tuple[int, int]) -> None:
        self.pair = pair
        self.project_id = runs.find_run(pair[0]).project_id
        self.session_id = flip_check.start(self.report(), "ann")
        self.seq = 0

    def report(self) -> Any:
        return compare_runs(runs.find_run(self.pair[0]), runs.find_run(self.pair[1]))

    def id_of(self, name: str) -> int:
        image = images.find_image(self.project_id, name)
        assert image is not None
        return image.id

    def say(self, name: str, action: str, label: str | None = None, reviewer: str = "ann") -> None:
        self.seq += 1
        label_id = projects.find_label(self.project_id, label) if label else None
        op = Op(self.seq, (self.id_of(name),), action, label_id)
        opinions.take(Submission(self.session_id, reviewer, [op], f"{reviewer}-window"))

    def result(self, is_swapped: bool = False) -> flip_check.FlipCheck:
        found = flip_check.find(*(self.pair[::-1] if is_swapped else self.pair))
        assert found is not None
        return found


@pytest.fixture
def check(pair) -> Check:
    return Check(pair)


def test_the_queue_is_the_flips_in_an_order_that_is_fixed_and_tells_nothing(check):
    batch = batches.take_next(check.session_id, "ann", 24)
    assert sorted(batch.image_ids) == sorted(check.id_of(name) for name in FLIPS)
    assert batch.image_ids not in (sorted(batch.image_ids), sorted(batch.image_ids, reverse=True))
    assert batch.image_ids != check.report().comparison.flips["image"].tolist()
    assert batches.current(check.session_id, "ann").image_ids == batch.image_ids
    row = sessions.find(check.session_id)
    assert (row.name, row.checks, row.n_compared, row.is_whole) == (
        "Blind check of Run 1 and Run 2", check.pair, N_VALID, True
    )  # fmt: skip


def test_the_same_pair_has_one_session_in_either_order_also_after_it_was_closed(check):
    before, after = (runs.find_run(run_id) for run_id in check.pair)
    assert flip_check.start(compare_runs(before, after), "bea") == check.session_id
    assert flip_check.start(compare_runs(after, before), "bea") == check.session_id
    sessions.close(check.session_id)
    assert flip_check.start(compare_runs(before, after), "bea") == check.session_id
    assert [row.id for row in sessions.of_project(check.project_id)] == [check.session_id]


def test_runs_that_agree_everywhere_leave_nothing_to_check(pair):
    again = add_run(runs.find_run(pair[0]).project_id, BEFORE)
    with pytest.raises(BadInput, match="nothing to check"):
        flip_check.start(compare_runs(runs.find_run(pair[0]), runs.find_run(again)), "ann")
    assert flip_check.find(pair[0], again) is None


def test_a_label_given_counts_for_the_run_that_predicted_it(check):
    check.say("v3.png", "relabel", "cat")  # filed so: the first run is right
    check.say("v4.png", "relabel", "dog")  # the second
    check.say("v5.png", "delete")  # neither
    flips = check.result().flips
    assert (flips.n, flips.n_flips, flips.n_fixed, flips.n_broken, flips.n_neither) == (10, 5, 1, 1, 1)
    assert flips.bounds == (-0.2, 0.2)
    check.say("v6.png", "relabel", "cat")
    check.say("v7.png", "relabel", "cat", reviewer="Bea")
    result = check.result()
    assert result.flips.is_done
    assert result.reviewers == ["ann", "Bea"]
    assert result.flips.difference == difference_interval(3, 1, 10)
    assert check.result(is_swapped=True).flips.difference == difference_interval(1, 3, 10)


def test_confirming_the_filed_label_reads_as_that_label(check):
    check.say("v3.png", "relabel", "cat")  # stored as a keep
    check.say("v4.png", "relabel", "dog")
    cat, dog = (projects.find_label(check.project_id, name) for name in ("cat", "dog"))
    ids = [check.id_of(name) for name in ("v3.png", "v4.png", "v5.png")]
    assert blind_answers.own_answers(check.session_id, "ann", ids) == {
        ids[0]: ("relabel", cat),
        ids[1]: ("relabel", dog),
    }
    assert blind_answers.own_answers(check.session_id, "bea", ids) == {}


def test_decisions_made_elsewhere_are_no_checks_and_do_not_take_pictures_out(check):
    decide(check.project_id, "bea", [Op(1, (check.id_of("v3.png"),), "keep")], "elsewhere")
    assert check.result().flips.n_checked == 0
    assert len(batches.take_next(check.session_id, "ann", 24).image_ids) == 5
    check.say("v3.png", "relabel", "dog")
    assert check.result().flips.n_fixed == 1
    decide(check.project_id, "bea", [Op(2, (check.id_of("v3.png"),), "keep")], "elsewhere")  # somebody who is not blind
    assert check.result().flips.n_fixed == 1


def test_an_answer_taken_back_or_undone_is_open_again(check):
    check.say("v3.png", "relabel", "dog")
    check.say("v3.png", "clear")
    assert check.result().flips.n_open == 5
    check.say("v4.png", "relabel", "dog")
    undo.undo(check.project_id, "ann")
    assert check.result().flips.n_open == 5


def test_the_result_stays_once_its_answers_are_applied(check):
    for name, label in zip(FLIPS, ["dog", "dog", None, "cat", "dog"], strict=True):
        check.say(name, "relabel" if label else "delete", label)
    expected = check.result().flips
    assert (expected.n_fixed, expected.n_broken, expected.n_neither) == (3, 1, 1)
    apply.apply(check.project_id, "ann")
    assert check.report().comparison.n == 9  # the deleted one takes no part in the comparison
    assert check.result().flips == expected


def test_flips_deleted_outside_the_check_are_left_out_and_counted(check):
    decide(check.project_id, "bea", [Op(1, (check.id_of("v3.png"),), "delete")], "elsewhere")
    apply.apply(check.project_id, "bea")
    result = check.result()
    assert (result.n_left_out, result.flips.n_flips, result.flips.n) == (1, 4, 9)
