"""When to stop reviewing: errors seen, errors probably left, and whether looking at more pictures pays.

It runs in the web process: it needs numpy only, and gets a million unreviewed images as a histogram of their doubts.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from curate.evaluation.intervals import Interval

# Bins of 0.08 of a doubt's logit, so that 0.99 and 0.999 are in different ones.
_LOGIT_EDGES = np.linspace(-8.0, 8.0, 201)
_LOGITS = (_LOGIT_EDGES[1:] + _LOGIT_EDGES[:-1]) / 2
N_BINS = len(_LOGITS)
# An image's label is wrong with probability floor + (1 - floor) * sigmoid(a + b * logit(doubt)). Before any decision
# hardly anything is known of a: on clean labels a doubt of 0.9 may mean one in twenty, on dirty ones nine in ten. The
# floor is what no doubt sees. Spreads and weights were chosen so that intervals cover (benchmarks/stopping.py).
_OFFSETS, _OFFSET_MEAN, _OFFSET_SPREAD = np.linspace(-10.0, 3.0, 53), -2.5, 2.8
_SLOPES, _SLOPE_MEAN, _SLOPE_SPREAD = np.linspace(0.2, 2.2, 17), 0.9, 0.24
_FLOORS, _FLOOR_WEIGHTS = np.array([0.0, 3e-4, 1e-3, 3e-3, 1e-2]), np.array([0.45, 0.22, 0.2, 0.1, 0.03])
_HALF_TRUSTED = 2_000  # so many decisions weigh half as much
_EXCESS_SPREAD = 0.3  # of the logarithm
_NEGLIGIBLE = 14.0  # logarithms below the best grid point: a millionth of its weight
_DRAWS = 2_000  # of the posterior, for the ends of an interval
_LAST = 50
FEWEST = 20  # decisions before which no share of wrong labels is stated
_FEWEST_TO_STOP = 50  # decisions
_FEW_WRONG = 5  # in the next hundred: a reviewer then looks at pictures rather than at mistakes
_SURE = 0.9  # that there are fewer, before stopping is recommended
_TIERS = ((0.5, "high"), (0.1, "medium"), (0.0, "low"))


@dataclass(frozen=True)
class Outlook:
    """The result of a review so far, and what it will probably find.

    n_seen, n_found: images reviewed, and errors among them.
    left: wrong labels among the unreviewed, with a 95 % interval; left_by_label: the same by given label, (C,).
    expected_next: errors to expect among the n_next most doubtful.  stop: whether stopping is recommended.
    words: the recommendation, one sentence.  probabilities: (200,) of a wrong label by bin of `histogram`.
    """

    n_seen: int
    n_found: int
    left: Interval
    left_by_label: list[Interval]
    expected_next: Interval
    n_next: int
    stop: bool
    words: str
    probabilities: np.ndarray = field(compare=False)

    @property
    def is_known(self) -> bool:
        """Whether enough was decided to state shares of wrong labels."""
        return self.n_seen >= FEWEST

    def probability(self, doubt: float) -> float:
        """Returns the probability that a label with this doubt in [0, 1] is wrong, given these decisions."""
        return float(self.probabilities[_steps(np.array([doubt]))[0]])


def doubt_tier(doubt: float) -> str:
    """Returns "high", "medium" or "low": what is said of a doubt in [0, 1] before decisions tell what it means."""
    return next(tier for least, tier in _TIERS if doubt >= least)


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
    a grid of three parameters. So neither the order of decisions nor the choice of images biases the estimate.
    """
    weights, by_step = _posterior(seen_doubts, was_wrong, unseen.sum(axis=0))
    hits = was_wrong[-last:]
    next_counts = _first(unseen.sum(axis=0), n_next)
    groups = np.concatenate([unseen.sum(axis=0)[None], next_counts[None], unseen])
    draws = _draw_counts(weights, by_step, groups)
    mean_by_step = weights.astype(np.float32) @ by_step
    expected = mean_by_step @ groups.T
    left, ahead, *by_label = (_interval(mean, column) for mean, column in zip(expected, draws.T, strict=True))
    is_over = len(was_wrong) >= _FEWEST_TO_STOP and bool((draws[:, 1] < _FEW_WRONG).mean() >= _SURE)
    stop, words = _recommend(len(was_wrong), hits, left, ahead, int(next_counts.sum()), is_over)
    return Outlook(
        n_seen=len(was_wrong),
        n_found=int(was_wrong.sum()),
        left=left,
        left_by_label=by_label,
        expected_next=ahead,
        n_next=int(next_counts.sum()),
        stop=stop,
        words=words,
        probabilities=mean_by_step.astype(np.float64),
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


@lru_cache(maxsize=1)
def _grid() -> tuple[np.ndarray, np.ndarray]:
    """Returns logarithms of the prior (G,), and (G, 200) float32 probabilities of a wrong label by bin."""
    offsets, slopes, floors = (axis.ravel() for axis in np.meshgrid(_OFFSETS, _SLOPES, _FLOORS, indexing="ij"))
    # In place and in 4 bytes: the web process holds what this takes at its peak for good.
    by_step = np.multiply.outer(slopes.astype(np.float32), _LOGITS.astype(np.float32))
    by_step += offsets[:, None].astype(np.float32)
    np.negative(by_step, out=by_step)
    np.exp(by_step, out=by_step)
    by_step += 1
    np.divide((1 - floors[:, None]).astype(np.float32), by_step, out=by_step)
    by_step += floors[:, None].astype(np.float32)
    np.clip(by_step, 1e-6, 1 - 1e-6, out=by_step)
    distance = ((offsets - _OFFSET_MEAN) / _OFFSET_SPREAD) ** 2 + ((slopes - _SLOPE_MEAN) / _SLOPE_SPREAD) ** 2
    floor_weights = np.tile(_FLOOR_WEIGHTS, len(_OFFSETS) * len(_SLOPES))
    return np.log(floor_weights) - 0.5 * distance, by_step


def _posterior(seen_doubts: np.ndarray, was_wrong: np.ndarray, unseen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns weights (G,) of the grid points that matter after these decisions, and their (G, 200) of `_grid`."""
    log_prior, by_step = _grid()
    steps = _steps(seen_doubts)
    log_prior = log_prior + _beyond_estimate(by_step, unseen + np.bincount(steps, minlength=N_BINS))
    used = np.unique(steps)
    wrong, right = (np.bincount(steps[chosen], minlength=N_BINS)[used] for chosen in (was_wrong, ~was_wrong))
    evidence = np.log(by_step[:, used]) @ wrong + np.log1p(-by_step[:, used]) @ right
    # The curve is not quite of this form: many decisions at the top say less about the rest than they seem to.
    log_weights = log_prior + evidence / (1 + len(steps) / _HALF_TRUSTED)
    matter = log_weights > log_weights.max() - _NEGLIGIBLE
    weights = np.exp(log_weights[matter] - log_weights.max())
    return weights / weights.sum(), by_step[matter]


def _beyond_estimate(by_step: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns (G,) logarithms that make it improbable that more labels are wrong than the doubts add up to.

    Their sum is what confident learning estimates (see `calibration`). It counts a weak network's own mistakes, too,
    and so says too much: on 10,000 images 8 % where 0.2 % were wrong, 12 % where 9 %, 41 % where 40 %.
    """
    estimated = counts @ (1 / (1 + np.exp(-_LOGITS)))
    excess = np.log(np.maximum(by_step @ counts.astype(np.float32), 1e-3) / max(estimated, 1e-3))
    return -0.5 * (np.maximum(excess, 0) / _EXCESS_SPREAD) ** 2


def _draw_counts(weights: np.ndarray, by_step: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Returns (2000, K) random draws of the number of errors in each of K groups, given as (K, 200) counts.

    The seed is fixed: the same decisions give the same interval.
    """
    generator = np.random.default_rng(0)
    points = by_step[generator.choice(len(weights), _DRAWS, p=weights)]
    sizes = groups.sum(axis=1)
    shares = points @ groups.T.astype(np.float32) / np.maximum(sizes, 1)
    return generator.binomial(sizes, np.clip(shares, 0.0, 1.0))


def _interval(mean: float, draws: np.ndarray) -> Interval:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Interval(float(mean), float(low), float(high))


def _first(counts: np.ndarray, n: int) -> np.ndarray:
    """Returns the n most doubtful images of a histogram as a histogram (fewer when there are no more)."""
    from_above = np.cumsum(counts[::-1])
    taken = np.diff(np.minimum(from_above, n), prepend=0)
    return taken[::-1]


def _recommend(
    n_seen: int, hits: np.ndarray, left: Interval, ahead: Interval, n_next: int, is_over: bool
) -> tuple[bool, str]:
    if n_next == 0:
        return True, "Everything has been reviewed."
    remains = f"{_range(left)} wrong labels are left"
    if n_seen < FEWEST:
        fewest = "hardly any label" if left.low < _FEW_WRONG else f"{round(left.low):,} labels"
        n = FEWEST - n_seen
        tell = "the first 20 decisions" if n == FEWEST else "one more decision" if n == 1 else f"{n} more decisions"
        known = "Nothing is known yet" if n == FEWEST else "Little is known yet"
        return False, f"{known}: {fewest} may be wrong, or up to {round(left.high):,}; {tell} will tell."
    recent = f"{int(hits.sum())} of the last {len(hits)} were wrong"
    likely = f"the next {n_next} will hold {_range(ahead)}"
    return is_over, f"{'You can stop' if is_over else 'Go on'}: {recent}, {likely}; {remains}."


def _range(interval: Interval) -> str:
    """Returns the interval as text, its mean first.

    >>> _range(Interval(8.2, 3.0, 15.0)), _range(Interval(0.2, 0.0, 1.0))
    ('about 8 (3 to 15)', '0 to 1')
    """
    low, value, high = (round(end) for end in (interval.low, interval.value, interval.high))
    ends = f"{low:,} to {high:,}" if low < high else f"{high:,}"
    return f"about {value:,} ({ends})" if value else ends
