"""Explains an image's doubt in one sentence for its card. Names are passed in; nothing is escaped here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """The evidence on one image.  given, suggested: names of labels, equal where none is better."""

    given: str
    suggested: str
    votes: int
    n_models: int
    neighbours: int
    n_neighbours: int
    suggests_delete: bool = False
    asks_again: str = ""


def explain(evidence: Evidence) -> str:
    """Returns one sentence with names between asterisks (Markdown's emphasis).

    votes of n_models held-out models, and neighbours of n_neighbours, are for the suggested label. asks_again: why a
    confirmed image is asked about again (see `confirmed`), "" when it is not.

    >>> explain(Evidence("metal", "glass", 5, 5, 9, 10))
    '5 of 5 held-out models say *glass*; 9 of 10 neighbours are *glass*.'
    >>> explain(Evidence("glass", "glass", 4, 5, 10, 10))
    '4 of 5 held-out models agree with *glass*; 10 of 10 neighbours are *glass*.'
    >>> explain(Evidence("glass", "glass", 2, 5, 1, 10, suggests_delete=True))
    'Far from everything else: perhaps it belongs to no label; 2 of 5 held-out models agree with *glass*.'
    """
    name = f"*{evidence.suggested}*"
    agree = evidence.suggested == evidence.given
    models = f"{evidence.votes} of {evidence.n_models} held-out models {'agree with' if agree else 'say'} {name}"
    beside = f"{evidence.neighbours} of {evidence.n_neighbours} neighbours are {name}"
    if evidence.asks_again:
        return f"{evidence.asks_again} {models}; {beside}."
    if evidence.suggests_delete:
        return f"Far from everything else: perhaps it belongs to no label; {models}."
    known = [words for words, of in ((models, evidence.n_models), (beside, evidence.n_neighbours)) if of]
    return f"{'; '.join(known)}." if known else "Nothing is known of it yet."
