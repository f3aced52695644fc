"""How many of the sample's planted problems people have found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """n_found: settled by versions; n_decided: standing decisions that would settle as many more once applied;
    by_kind: {kind: (n_found, n_decided, n_planted)}."""

    n_found: int
    n_decided: int
    n_planted: int
    by_kind: dict[str, tuple[int, int, int]]


def found(project_id: int) -> Found:
    """How far the sample's planted problems are found; all zero for every other project."""
    raise NotImplementedError
