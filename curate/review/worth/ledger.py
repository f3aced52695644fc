"""The stored ledger of two runs: written by its job into the newer run's folder, read by Compare."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from curate import store
from curate.catalog.runs import RunRow
from curate.errors import BadInput
from curate.evaluation.comparison import ends_in_words, is_beyond_chance
from curate.evaluation.intervals import Interval
from curate.evaluation.ledger import ENOUGH, Part, Point, enough
from curate.evaluation.words import per_cent, points
from curate.wording import counted


@dataclass(frozen=True)
class Ledger:
    """The accuracy by decisions between two runs.  version_id: the version by whose labels it was measured.

    recipe: the frozen features, in words.  n_fitted: decisions on training images, the others change no refit.
    whole: the change of accuracy by all decisions, with its interval.
    """

    version_id: int
    recipe: str
    n_train: int
    n_valid: int
    n_fitted: int
    whole: Interval
    points: list[Point]
    parts: list[Part]

    @property
    def n_decisions(self) -> int:
        """Decisions between the two runs."""
        return self.points[-1].n

    @property
    def enough(self) -> Point | None:
        """The first point with 80 % of the gain; None while chance explains the gain, or without one."""
        return enough(self.points) if is_beyond_chance(self.n_valid, self.whole) else None

    @property
    def sentence(self) -> str:
        """What the decisions brought to the model on frozen features, and how many of them would have done."""
        first, last = self.points[0], self.points[-1]
        n, change = counted(self.n_decisions, "decision"), f"{points(self.whole.value)} points"
        placebo = f"as many random relabels {points(last.placebo[1] - first.accuracy)}"
        if not is_beyond_chance(self.n_valid, self.whole):
            moved = f"{n} moved the accuracy by {change} {ends_in_words(self.whole)}"
            return f"{moved}, which cannot be told apart from chance; {placebo}."
        if self.enough is None:
            return f"{n} lowered the accuracy by {change.lstrip('−')} {ends_in_words(self.whole)}, {placebo}."
        spent, all_of_it = (counted(max(1, round(point.minutes)), "minute") for point in (self.enough, last))
        brought = f"brought {per_cent(ENOUGH)} of {change} {ends_in_words(self.whole)}, in {spent}"
        end = f"all of them took {all_of_it}. {placebo.capitalize()}."
        return f"The first {self.enough.n:,} of {n} {brought}; {end}"


def check_pair(before: RunRow, after: RunRow) -> None:
    """Raises BadInput unless decisions can lie between the two runs."""
    if before.version_number >= after.version_number:
        raise BadInput(f"{after.name} did not learn from newer labels than {before.name}: no decision lies between.")


def write(before: RunRow, after: RunRow, ledger: Ledger) -> None:
    """Store the ledger of two runs in place of an older one."""
    store.write_atomic(_path(before, after), json.dumps(asdict(ledger)).encode())


def read(before: RunRow, after: RunRow) -> Ledger | None:
    """Returns the newest ledger of the two runs; None = there is none yet."""
    path = _path(before, after)
    if not path.exists():
        return None
    stored = json.loads(path.read_bytes())
    stored["whole"] = Interval(**stored["whole"])
    curve = [Point(**point | {"placebo": tuple(point["placebo"])}) for point in stored.pop("points")]
    parts = [Part(**one | {"effect": Interval(**one["effect"])}) for one in stored.pop("parts")]
    return Ledger(points=curve, parts=parts, **stored)


def _path(before: RunRow, after: RunRow) -> Path:
    return store.run_folder(after.id) / f"ledger-{before.id}.json"
