import numpy as np
import pytest

from curate.evaluation.ledger import NOT_FITTED, Point, Steps, curve, enough, last_labels, part

# Four training images, four held-out ones; each held-out image is answered with the label of its training image,
# with 0 when that is left out.
START = np.array([1, 0, 1, 1])
ACTUAL = np.array([0, 0, 0, 1])


def predict(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    now = START.copy()
    now[rows] = labels
    return np.where(now < 0, 0, now)


STEPS = Steps(
    rows=np.array([0, NOT_FITTED, 2, 3, 3]),
    labels=np.array([0, 1, -1, 0, 1]),
    minutes=np.array([0.0, 0.5, 2.0, 2.5, 2.5]),
    is_decision=np.array([True, True, True, True, False]),
)


def test_the_curve_is_that_worked_out_by_hand():
    points = curve(predict, ACTUAL, START, STEPS, n_labels=2)
    # Right at first: images 1 and 3. Relabel 0: +1; one elsewhere: 0; leave out 2: +1; relabel 3 wrongly: -1, but the
    # restore that comes last takes that back.
    assert [(point.n, point.minutes, point.accuracy) for point in points] == [
        (0, 0.0, 0.5), (1, 0.0, 0.75), (2, 0.5, 0.75), (3, 2.0, 1.0), (4, 2.5, 1.0)
    ]  # fmt: skip


def test_the_placebo_makes_as_many_relabels_of_images_that_nobody_decided_on_while_there_are_some():
    points = curve(predict, ACTUAL, START, STEPS, n_labels=2)
    # Image 1 is the only one left alone: relabelled at random, it turns wrong.
    assert [point.placebo for point in points[:3]] == [(0.5, 0.5, 0.5), (0.25, 0.25, 0.25), (0.25, 0.25, 0.25)]


def test_a_part_is_the_change_of_accuracy_with_it_less_without_it():
    first = part(predict, ACTUAL, STEPS, np.array([True, False, False, False, False]), np.arange(4), "reviewer", "Ada")
    assert (first.n, first.effect.value) == (1, 0.25)
    # Without the wrong relabel and the restore nothing is different.
    both = part(predict, ACTUAL, STEPS, np.array([False, False, False, True, True]), np.arange(4), "version", "3")
    assert (both.n, both.effect.value) == (2, 0.0)


def test_an_image_decided_on_twice_has_its_last_label():
    rows, labels = last_labels(np.array([4, 2, NOT_FITTED, 4]), np.array([0, 1, 1, 2]))
    assert (rows.tolist(), labels.tolist()) == ([2, 4], [1, 2])


def test_enough_is_the_first_point_with_four_fifths_of_the_gain():
    none = (0.5, 0.5, 0.5)
    points = [Point(n, n, accuracy, none) for n, accuracy in ((0, 0.5), (1, 0.57), (2, 0.58), (3, 0.6))]
    assert enough(points) == points[2]
    assert enough(points[::-1]) is None
    assert enough([points[0], points[0]]) is None


@pytest.mark.parametrize("n", [1, 199, 1000])
def test_a_curve_has_at_most_201_points_with_both_ends(n):
    steps = Steps(np.full(n, NOT_FITTED), np.zeros(n, int), np.arange(n) / 60, np.ones(n, bool))
    points = curve(predict, ACTUAL, START, steps, n_labels=2)
    assert len(points) == min(n, 200) + 1
    assert (points[0].n, points[-1].n, points[-1].minutes) == (0, n, (n - 1) / 60)
