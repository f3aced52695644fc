"""What runs say of the pictures in a tray, worked out a few at a time, so that a page can show the first at once."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from curate import store
from curate.errors import BadPicture
from curate.prediction import client, familiarity
from curate.prediction.client import Prediction
from curate.tray.pictures import Tray

_FIRST = 4  # pictures: the first answers stand on the page within half a second
_MOST = 2 * client.PART  # at a time: so many keep the model process busy


@dataclass
class Answers:
    """The answers of runs to the pictures of a tray, by run id and the picture's number.

    shas: of the pictures read so far. seconds: how long the answers took in all, and n_timed: how many those are.
    """

    tray: Tray
    by_run: dict[int, dict[int, Prediction]] = field(default_factory=dict)
    shas: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    n_timed: int = 0
    _asked_again: set[int] = field(default_factory=set)

    def of(self, run_id: int) -> dict[int, Prediction]:
        """Those of a run so far, by the picture's number."""
        return self.by_run.setdefault(run_id, {})

    def n_waiting(self, run_ids: Sequence[int]) -> int:
        """How many answers these runs still owe."""
        return sum(len(self._waiting(run_id)) for run_id in run_ids)

    def seconds_left(self, run_ids: Sequence[int]) -> float | None:
        """Expected, at the pace so far; None before the first answer."""
        return self.n_waiting(run_ids) * self.seconds / self.n_timed if self.n_timed else None

    def work(self, run_ids: Sequence[int], budget_s: float) -> None:
        """Get the next answers of these runs, for about so long. Raises as `client.predict`."""
        deadline = time.monotonic() + budget_s
        for run_id in run_ids:
            self._ask_again_for_familiarity(run_id)
            while (waiting := self._waiting(run_id)) and (left_s := deadline - time.monotonic()) > 0:
                pace = self.n_timed / self.seconds if self.seconds else 0.0
                self._ask(run_id, waiting[: min(_MOST, max(_FIRST, int(pace * left_s)))])

    def forget(self) -> None:
        """Drop all answers."""
        self.by_run.clear()

    def _waiting(self, run_id: int) -> list[int]:
        known = self.of(run_id)
        return [picture.number for picture in self.tray.pictures if picture.number not in known]

    def _ask(self, run_id: int, numbers: Sequence[int]) -> None:
        """Ask about these pictures, or about the first of them whose files hold 32 MB: so much is in memory at most."""
        began, answers, n_before = time.monotonic(), self.of(run_id), len(self.of(run_id))
        files: dict[int, bytes] = {}
        for number in numbers:
            if sum(map(len, files.values())) > client.PART_BYTES:
                break
            try:
                files[number] = self.tray.read(number)
            except BadPicture as error:
                answers[number] = Prediction(self.tray.pictures[number].name, None, str(error))
        self.shas |= {number: hashlib.sha256(data).hexdigest() for number, data in files.items()}
        named = [(self.tray.pictures[number].name, data) for number, data in files.items()]
        answers |= dict(zip(files, client.predict(store.run_folder(run_id), named), strict=True))
        self.seconds += time.monotonic() - began
        self.n_timed += len(answers) - n_before

    def _ask_again_for_familiarity(self, run_id: int) -> None:
        """Pictures that were answered before the run's known pictures were kept are asked about once more."""
        answers = self.of(run_id)
        lacking = [number for number, each in answers.items() if each.error is None and each.familiarity is None]
        if lacking and run_id not in self._asked_again and familiarity.is_written(store.run_folder(run_id)):
            self._asked_again.add(run_id)
            for number in lacking:
                del answers[number]
