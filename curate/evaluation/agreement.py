"""Agreement of people: in per cent, and beyond chance (Cohen's and Fleiss' kappa). Counts only, no database.

An answer is any comparable value, such as a label's id or "delete".
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """n: compared images.  share: of equal answers, in [0, 1].

    kappa: 1 = always agreed, 0 = as often as by chance, below 0 = less; None = undefined, as only one answer was given.
    """

    n: int
    share: float
    kappa: float | None


def cohen(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement | None:
    """Returns the agreement of two people, from (first, second) answers; None without any image.

    Cohen (1960), A coefficient of agreement for nominal scales: chance is what each answers on their own.

    >>> cohen([("cat", "cat")] * 20 + [("cat", "dog")] * 5 + [("dog", "cat")] * 10 + [("dog", "dog")] * 15)
    Agreement(n=50, share=0.7, kappa=0.4)
    """
    if not pairs:
        return None
    n = len(pairs)
    n_same = sum(a == b for a, b in pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    # In whole numbers, n² times as large: 0.7 - 0.5 is not 0.2.
    return Agreement(n, n_same / n, _kappa(n_same * n, sum(first[a] * second[a] for a in first), n * n))


def fleiss(answers: Sequence[Sequence[Hashable]]) -> Agreement | None:
    """Returns the agreement of two or more people per image; None without any image. `share`: pairs that agree.

    Fleiss (1971), Measuring nominal scale agreement among many raters; where images have different numbers of answers,
    each image counts the same (Gwet, 2014, Handbook of inter-rater reliability, 2.4).
    """
    counts = _counts(answers)
    if not counts:
        return None
    share = sum(_agreeing(of_image) for of_image in counts) / len(counts)
    chance = sum(p * p for p in _shares(counts).values())
    return Agreement(len(counts), share, None if chance >= 1 else (share - chance) / (1 - chance))


def by_answer(answers: Sequence[Sequence[Hashable]]) -> dict[Hashable, Agreement]:
    """Returns {answer: agreement on it}, the commonest first.

    n: images with that answer.  share: given one such answer, how often another person gives it, too. Fleiss (1971),
    equations 9 and 13 (agreement and kappa of one category).
    """
    counts = _counts(answers)
    shares = _shares(counts)
    return {
        answer: _of_answer(answer, counts, shares[answer])
        for answer in sorted(shares, key=shares.__getitem__, reverse=True)
    }


def _of_answer(answer: Hashable, counts: list[Counter[Hashable]], p: float) -> Agreement:
    named = [(of_image[answer], of_image.total()) for of_image in counts if of_image[answer]]
    n_pairs = sum(k * (n - 1) for k, n in named)
    share = sum(k * (k - 1) for k, _ in named) / n_pairs
    at_odds = sum(k * (n - k) / (n * (n - 1)) for k, n in named) / len(counts)
    return Agreement(len(named), share, None if p >= 1 else 1 - at_odds / (p * (1 - p)))


def _kappa(observed: int, chance: int, whole: int) -> float | None:
    return None if chance == whole else (observed - chance) / (whole - chance)


def _counts(answers: Sequence[Sequence[Hashable]]) -> list[Counter[Hashable]]:
    """Returns how often each answer was given, for images with two or more answers."""
    return [Counter(of_image) for of_image in answers if len(of_image) > 1]


def _agreeing(of_image: Counter[Hashable]) -> float:
    """Returns the share of agreeing pairs of people on an image."""
    n = of_image.total()
    return sum(k * (k - 1) for k in of_image.values()) / (n * (n - 1))


def _shares(counts: list[Counter[Hashable]]) -> dict[Hashable, float]:
    """Returns the share of each answer, averaged over images."""
    shares: dict[Hashable, float] = {}
    for of_image in counts:
        n = of_image.total()
        for answer, k in of_image.items():
            shares[answer] = shares.get(answer, 0.0) + k / n / len(counts)
    return shares
