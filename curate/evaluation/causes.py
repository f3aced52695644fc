"""Assigns each error of a run to a cause, and compares how often pictures with and without a sign of it are wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval, relative_risk
from curate.evaluation.words import pictures

FEWEST = 10  # pictures with a sign, below which its risk is not told
TORN_WITHIN = 0.2  # difference of the two highest probabilities
RARE_BELOW = 1 / 3  # of the median label's training pictures
RIGHT = -1  # in `assign`: the picture is no error


@dataclass(frozen=True)
class Cause:
    """One sign among the pictures of a run.

    n_errors: errors assigned to it.  n_with_wrong of the n_with pictures that show the sign are errors; n_wrong of all
    n are.  risk: how many times as often pictures with the sign are wrong as those without, None if undefined.
    """

    name: str
    n_errors: int
    n_with_wrong: int
    n_with: int
    n_wrong: int
    n: int
    risk: Interval | None


def assign(is_wrong: np.ndarray, signs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns (N,) int: the place of the first sign that each error shows, len(signs) without any, `RIGHT` elsewhere.

    is_wrong: (N,) bool.  signs: {name: (N,) bool}, the most telling first.

    >>> assign(np.array([True, True, True, False]), {"blurry": np.array([False, True, False, True])})
    array([ 1,  0,  1, -1])
    """
    cause = np.full(len(is_wrong), len(signs), np.int64)
    for place, sign in reversed(list(enumerate(signs.values()))):
        cause[sign] = place
    cause[~is_wrong] = RIGHT
    return cause


def summarise(is_wrong: np.ndarray, signs: Mapping[str, np.ndarray]) -> list[Cause]:
    """Returns a `Cause` for each sign, in the order of `signs`; arguments as for `assign`."""
    n, n_wrong, cause = len(is_wrong), int(is_wrong.sum()), assign(is_wrong, signs)
    rows = []
    for place, (name, sign) in enumerate(signs.items()):
        n_with, n_with_wrong = int(sign.sum()), int((sign & is_wrong).sum())
        risk = relative_risk(n_with_wrong, n_with, n_wrong - n_with_wrong, n - n_with)
        rows.append(Cause(name, int((cause == place).sum()), n_with_wrong, n_with, n_wrong, n, risk))
    return rows


def is_torn(p_first: np.ndarray, p_second: np.ndarray) -> np.ndarray:
    """Returns (N,) bool: the two highest probabilities of a picture, each (N,), are less than `TORN_WITHIN` apart."""
    return np.asarray(p_first - p_second < TORN_WITHIN)


def rare_labels(n_train: np.ndarray) -> np.ndarray:
    """Returns (C,) bool: labels with fewer than a third of the median label's training pictures; n_train: (C,).

    >>> rare_labels(np.array([30, 40, 9, 50]))
    array([False, False,  True, False])
    """
    return np.asarray(n_train < RARE_BELOW * np.median(n_train)) if len(n_train) else np.zeros(0, bool)


def describe_risk(cause: Cause) -> str:
    """Returns a sentence with the base rates; plain text.

    >>> describe_risk(Cause("blurry", 12, 12, 80, 63, 880, Interval(2.35, 1.31, 4.22)))
    '12 of 80 pictures with this sign are errors, 51 of 800 without it: 2.4 times as often (1.3 to 4.2).'
    >>> describe_risk(Cause("blurry", 1, 1, 3, 63, 880, Interval(4.7, 0.9, 24.0)))
    '1 of 3 pictures with this sign is an error, 62 of 877 without it: too few to compare.'
    """
    without_wrong, without = cause.n_wrong - cause.n_with_wrong, cause.n - cause.n_with
    verb = "is an error" if cause.n_with_wrong == 1 else "are errors"
    rates = f"{cause.n_with_wrong:,} of {pictures(cause.n_with)} with this sign {verb}, "
    rates += f"{without_wrong:,} of {without:,} without it"
    if cause.risk is None or min(cause.n_with, without) < FEWEST:
        return f"{rates}: too few to compare."
    risk = cause.risk
    return f"{rates}: {risk.value:.1f} times as often ({risk.low:.1f} to {risk.high:.1f})."
