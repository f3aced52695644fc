"""When to stop reviewing: errors seen, errors probably left, and whether looking at more pictures pays.

It runs in the web process: it needs numpy only, and gets a million unreviewed images as a histogram of their doubts.
"""

from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval

# Bins of 0.08 of a doubt's logit, so that 0.99 and 0.999 are in different ones.
_LOGIT_EDGES = np.linspace(-8.0, 8.0, 201)
_LOGITS = (_LOGIT_EDGES[1:] + _LOGIT_EDGES[:-1]) / 2
N_BINS = len(_LOGITS)
# An image is wrong with probability sigmoid(a + b * logit(doubt)). A doubt should be that probability (a = 0, b = 1),
# but may be off before the first decisions; the spreads make the intervals cover the truth (benchmarks/doubt.py).
_OFFSETS, _OFFSET_SPREAD = np.linspace(-3.0, 3.0, 61), 0.8
_SLOPES, _SLOPE_SPREAD = np.linspace(0.2, 2.6, 41), 0.3
_LAST = 50
_WORTH_RATE = 0.05  # below 1 error in 20 pictures a review no longer pays


@dataclass(frozen=True)
class Outlook:
    """The result of a review so far, and what it will probably find.

    n_seen, n_found: images reviewed, and errors among them.  hits_last, n_last: errors among the last 50 (or fewer).
    left: wrong labels among the unreviewed, with a 95 % interval; left_by_label: the same by given label, (C,).
    expected_next: errors to expect among the n_next most doubtful.  stop: whether stopping is recommended.
    words: the recommendation, one sentence.
    """

    n_seen: int
    n_found: int
    hits_last: int
    n_last: int
    left: Interval
    left_by_label: list[Interval]
    expected_next: Interval
    n_next: int
    stop: bool
    words: str


def histogram(doubts: np.ndarray, labels: np.ndarray | None = None, n_labels: int = 1) -> np.ndarray:
    """Returns counts (C, 200) of doubts in [0, 1] by given label and bin of the logit.

    >>> histogram(np.array([0.5, 0.5, 1.0])).nonzero()[1]
    array([100, 199])
    """
    steps = _steps(doubts)
    rows = np.zeros(len(steps), dtype=np.int64) if labels is None else np.asarray(labels, dtype=np.int64)
    return np.bincount(rows * N_BINS + steps, minlength=n_labels * N_BINS).reshape(n_labels, N_BINS)


def look_ahead(
    seen_doubts: np.ndarray, was_wrong: np.ndarray, unseen: np.ndarray, n_next: int = 100, last: int = _LAST
) -> Outlook:
    """Returns the outlook after some decisions.

    seen_doubts: (n,) in [0, 1] and was_wrong: (n,) bool (relabelled or deleted), both in the order of decisions.
    unseen: (C, 200) `histogram` of the doubts of all unreviewed images. The most doubtful come first, so their share of
    errors does not hold for the rest. Instead the growth of the probability with the doubt is fitted, by Bayes' rule on
    a grid of two parameters: ten decisions change it little, a thousand determine it.
    """
    weights, by_bin = _posterior(seen_doubts, was_wrong)
    hits = was_wrong[-last:]
    left = _interval(weights, by_bin @ unseen.sum(axis=0), unseen.sum())
    by_label = [_interval(weights, by_bin @ counts, counts.sum()) for counts in unseen]
    next_counts = _first(unseen.sum(axis=0), n_next)
    expected = _interval(weights, by_bin @ next_counts, next_counts.sum())
    stop, words = _recommend(hits, left, expected, int(next_counts.sum()))
    return Outlook(
        n_seen=len(was_wrong),
        n_found=int(was_wrong.sum()),
        hits_last=int(hits.sum()),
        n_last=len(hits),
        left=left,
        left_by_label=by_label,
        expected_next=expected,
        n_next=int(next_counts.sum()),
        stop=stop,
        words=words,
    )


def error_curve(was_wrong: np.ndarray, most_points: int = 500) -> np.ndarray:
    """Returns pictures seen and errors among them, (P, 2) int64 with P of at most most_points + 1, from (0, 0).

    >>> error_curve(np.array([True, False, True])).tolist()
    [[0, 0], [1, 1], [2, 1], [3, 2]]
    """
    n_errors = np.concatenate([[0], np.cumsum(was_wrong, dtype=np.int64)])
    seen = np.unique(np.linspace(0, len(was_wrong), min(len(n_errors), most_points + 1)).round().astype(np.int64))
    return np.stack([seen, n_errors[seen]], axis=1)


def _steps(doubts: np.ndarray) -> np.ndarray:
    held = np.clip(doubts.astype(np.float64), 1e-9, 1 - 1e-9)
    logits = np.log(held / (1 - held))
    return np.clip(np.searchsorted(_LOGIT_EDGES, logits, side="right") - 1, 0, N_BINS - 1)


def _posterior(seen_doubts: np.ndarray, was_wrong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns weights (G,) of the grid's points, and (G, 200) probabilities of a wrong label by bin."""
    offsets, slopes = (axis.ravel() for axis in np.meshgrid(_OFFSETS, _SLOPES, indexing="ij"))
    by_bin = 1 / (1 + np.exp(-(offsets[:, None] + slopes[:, None] * _LOGITS)))
    log_weights = -0.5 * ((offsets / _OFFSET_SPREAD) ** 2 + ((slopes - 1) / _SLOPE_SPREAD) ** 2)
    wrong = np.bincount(_steps(seen_doubts[was_wrong]), minlength=N_BINS)
    right = np.bincount(_steps(seen_doubts[~was_wrong]), minlength=N_BINS)
    log_weights += np.log(by_bin) @ wrong + np.log1p(-by_bin) @ right
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum(), by_bin


def _interval(weights: np.ndarray, expected: np.ndarray, most: int) -> Interval:
    """Returns mean and 95 % interval of a count, with Poisson noise. expected: (G,) by grid point."""
    order = np.argsort(expected)
    sums = np.cumsum(weights[order])
    mean = float(weights @ expected)
    ends = [float(expected[order[min(int(np.searchsorted(sums, q)), len(order) - 1)]]) for q in (0.025, 0.975)]
    low, high = (mean + np.sign(end - mean) * np.hypot(end - mean, 1.96 * np.sqrt(mean)) for end in ends)
    return Interval(mean, max(0.0, float(low)), min(float(most), float(high)))


def _first(counts: np.ndarray, n: int) -> np.ndarray:
    """Returns the n most doubtful images of a histogram as a histogram (fewer when there are no more)."""
    from_above = np.cumsum(counts[::-1])
    taken = np.diff(np.minimum(from_above, n), prepend=0)
    return taken[::-1]


def _recommend(hits: np.ndarray, left: Interval, expected: Interval, n_next: int) -> tuple[bool, str]:
    if n_next == 0:
        return True, "Everything has been reviewed."
    rate = expected.value / n_next
    ahead = f"the next {n_next} will hold about {round(expected.value)}"
    remains = f"about {round(left.value):,} wrong labels are left ({round(left.low):,} to {round(left.high):,})"
    if len(hits) < 20:
        return False, f"Go on: {ahead}; {remains}, which more decisions will tell better."
    recent = f"{int(hits.sum())} of the last {len(hits)} were wrong"
    if rate < _WORTH_RATE and hits.mean() < 2 * _WORTH_RATE:
        return True, f"You can stop: {recent}, {ahead}; {remains}."
    return False, f"Go on: {recent}, {ahead}; {remains}."
