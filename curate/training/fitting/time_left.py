"""Estimates the remaining time of a training from the time it has taken."""

# Relative cost of one picture, until its kind of work has been timed: measured with squeezenet1_1 at 224 px on a CPU.
_WEIGHTS = {"finding": 1.3, "frozen": 1.3, "unfrozen": 2.0, "scoring": 1.0}


class Pace:
    """Counts pictures and seconds by kind of work: "finding" a rate, "frozen", "unfrozen", "scoring" (forward only).

    >>> pace = Pace({"unfrozen": 300, "scoring": 100})
    >>> pace.add("unfrozen", 100, seconds=20.0)      # 0.2 s a picture; scoring, not seen yet, should take half of that
    >>> pace.seconds_left()
    50.0
    """

    def __init__(self, planned: dict[str, int]) -> None:
        self._left = dict(planned)
        self._done = dict.fromkeys(_WEIGHTS, 0)
        self._seconds = dict.fromkeys(_WEIGHTS, 0.0)

    def add(self, kind: str, n_pictures: int, seconds: float) -> None:
        """Record pictures and the time they took."""
        self.skip(kind, n_pictures)
        self._done[kind] += n_pictures
        self._seconds[kind] += seconds

    def skip(self, kind: str, n_pictures: int) -> None:
        """Record pictures that need not be processed."""
        self._left[kind] = max(0, self._left.get(kind, 0) - n_pictures)

    def finish(self, kind: str) -> None:
        """Record that no more work of this kind follows."""
        self._left[kind] = 0

    def seconds_left(self) -> float:
        """Returns the seconds for the work left; 0 before anything was timed."""
        return round(sum(n * self._seconds_each(kind) for kind, n in self._left.items()), 3)

    def _seconds_each(self, kind: str) -> float:
        if self._done[kind]:
            return self._seconds[kind] / self._done[kind]
        work = sum(_WEIGHTS[other] * n for other, n in self._done.items())
        return _WEIGHTS[kind] * sum(self._seconds.values()) / work if work else 0.0
