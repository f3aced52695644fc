import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.doubts import calibration, confirmed, noise, stopping


def drawn(n: int, offset: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Doubts in falling order and whether each label is wrong: with probability sigmoid(offset + logit(doubt))."""
    rng = np.random.default_rng(seed)
    logits = np.sort(rng.normal(-2.5, 2, n))[::-1]
    return 1 / (1 + np.exp(-logits)), rng.random(n) < 1 / (1 + np.exp(-logits - offset))


def test_without_decisions_hardly_any_label_may_be_wrong_or_many():
    doubts, _ = drawn(10_000, 0.0)
    outlook = stopping.look_ahead(np.empty(0), np.empty(0, bool), stopping.histogram(doubts))
    assert outlook.left.low < 5
    assert outlook.left.high > 2_000
    assert outlook.expected_next.low < 2
    assert outlook.expected_next.high > 90
    assert (outlook.n_seen, outlook.n_found, outlook.stop, outlook.is_known) == (0, 0, False, False)
    assert outlook.words.startswith("Nothing is known yet: hardly any label may be wrong, or up to ")


@pytest.mark.parametrize(("offset", "least_wrong"), [(-6.0, 0), (0.0, 700)])
@pytest.mark.parametrize("n", [20, 100, 300, 1000])
def test_on_clean_and_on_dirty_labels_the_truth_is_in_the_interval(offset, least_wrong, n):
    doubts, wrong = drawn(10_000, offset, seed=1)
    assert wrong.sum() >= least_wrong
    outlook = stopping.look_ahead(doubts[:n], wrong[:n], stopping.histogram(doubts[n:]))
    assert outlook.left.low <= wrong[n:].sum() <= outlook.left.high
    assert outlook.expected_next.low <= wrong[n : n + 100].sum() <= outlook.expected_next.high
    assert outlook.is_known
    stated = [outlook.probability(doubt) for doubt in doubts[n : n + 100]]
    assert sum(stated) == pytest.approx(outlook.expected_next.value, rel=0.01)


def test_one_wrong_of_twenty_is_too_little_to_stop():
    doubts, _ = drawn(10_000, 0.0)
    wrong = np.arange(20) == 3
    outlook = stopping.look_ahead(doubts[:20], wrong, stopping.histogram(doubts[20:]))
    assert not outlook.stop
    assert outlook.words.startswith("Go on: 1 of the last 20 were wrong")


def test_which_images_were_decided_on_does_not_bias_the_estimate():
    doubts, wrong = drawn(10_000, -2.0)
    chosen = np.random.default_rng(1).choice(10_000, 1_000, p=doubts**0.5 / (doubts**0.5).sum(), replace=False)
    rest = np.setdiff1d(np.arange(10_000), chosen)
    outlook = stopping.look_ahead(doubts[chosen], wrong[chosen], stopping.histogram(doubts[rest]))
    assert outlook.left.low <= wrong[rest].sum() <= outlook.left.high
    assert outlook.left.high < 4 * max(1, outlook.left.low)


def test_before_decisions_a_doubt_is_high_medium_or_low():
    assert [stopping.doubt_tier(doubt) for doubt in (0.95, 0.5, 0.2, 0.01)] == ["high", "high", "medium", "low"]


@pytest.mark.parametrize("offset", [-1.2, 0.0, 1.0])
def test_three_hundred_decisions_tell_how_many_wrong_labels_are_left(offset):
    doubts, wrong = drawn(5000, offset)
    outlook = stopping.look_ahead(doubts[:300], wrong[:300], stopping.histogram(doubts[300:]))
    assert outlook.left.low <= wrong[300:].sum() <= outlook.left.high


def test_what_is_left_by_label_adds_up_to_what_is_left_in_all():
    doubts, wrong = drawn(2000, 0.0)
    labels = np.arange(1800) % 3
    outlook = stopping.look_ahead(doubts[:200], wrong[:200], stopping.histogram(doubts[200:], labels, 3))
    assert sum(one.value for one in outlook.left_by_label) == pytest.approx(outlook.left.value)
    assert len(outlook.left_by_label) == 3


def test_finding_nothing_for_long_recommends_to_stop_and_finding_much_to_go_on():
    doubts, _ = drawn(3000, 0.0)
    rest = stopping.histogram(doubts[400:])
    nothing = stopping.look_ahead(doubts[:400], np.zeros(400, bool), rest)
    everything = stopping.look_ahead(doubts[:400], np.ones(400, bool), rest)
    assert nothing.stop
    assert nothing.words.startswith("You can stop: 0 of the last 50 were wrong, the next 100 will hold 0 to ")
    assert not everything.stop
    assert everything.words.startswith("Go on: 50 of the last 50 were wrong")


def test_when_everything_was_reviewed_nothing_is_left():
    outlook = stopping.look_ahead(np.array([0.5]), np.array([True]), stopping.histogram(np.empty(0)))
    assert (outlook.left.value, outlook.left.high, outlook.n_next) == (0.0, 0.0, 0)
    assert outlook.words == "Everything has been reviewed."


def test_the_next_ones_are_the_most_doubtful_of_the_rest():
    unseen = stopping.histogram(np.array([0.999] * 30 + [0.001] * 1000))
    outlook = stopping.look_ahead(np.array([0.999] * 50), np.ones(50, bool), unseen, n_next=30)
    assert outlook.n_next == 30
    assert outlook.expected_next.value > 28


@given(st.lists(st.booleans(), max_size=300))
def test_the_curve_of_found_ends_at_all_that_was_found(wrong):
    curve = stopping.error_curve(np.array(wrong, dtype=bool), most_points=20)
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [len(wrong), sum(wrong)]
    assert len(curve) <= 21


@given(st.lists(st.floats(0, 1), min_size=2, max_size=50), st.floats(0.01, 0.9))
def test_shifted_doubts_keep_their_order(doubts, share):
    before = np.array(doubts)
    after = calibration.shift(before, share)
    order = np.argsort(before, kind="stable")
    assert (np.diff(after[order]) >= 0).all()


def test_the_joint_of_two_labels_with_one_mistake_in_four():
    probabilities = np.array([[0.9, 0.1]] * 3 + [[0.1, 0.9]] * 5)
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])  # the fourth looks like a 1
    estimated = noise.joint(probabilities, labels)
    assert estimated.round(3).tolist() == [[0.375, 0.125], [0.0, 0.5]]
    assert noise.share_wrong(estimated) == pytest.approx(0.125)
    first = noise.directions(estimated, 8)
    assert first == [noise.Direction(given=0, true=1, n=1.0, share=0.25)]
    assert noise.mixtures(estimated, ["a", "b"]) == []  # one direction only: relabelling mends it


def test_a_label_without_images_takes_no_part_in_the_joint():
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])
    estimated = noise.joint(probabilities, np.array([0, 2]))
    assert estimated[1].tolist() == [0.0, 0.0, 0.0]
    assert estimated.sum() == pytest.approx(1.0)
    assert noise.joint(probabilities, np.array([2, 2])).tolist() == np.diag([0.0, 0.0, 1.0]).tolist()


def test_the_gold_set_of_nothing_confirmed_says_nothing():
    result = confirmed.gold(np.array([0, 1]), np.array([0, 0]), np.zeros(2, dtype=bool))
    assert result.n == 0
    assert np.isnan(result.accuracy.value)
    assert result.accuracy_all.value == 0.5
