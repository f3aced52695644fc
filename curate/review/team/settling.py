"""When the answers of several people settle an image. It knows answers only, no database."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["open", "settled", "conflict"]
ASK_WHEN = {"always": "every picture", "sample": "a sample of 10 %", "deletes": "only what somebody would delete"}
SAMPLE_PCT = 10
MOST_OPINIONS = 3


@dataclass(frozen=True)
class Answer:
    """A person's answer on an image: `keep`, `delete`, or `relabel` to `label_id`."""

    reviewer: str
    action: str
    label_id: int | None = None

    @property
    def choice(self) -> tuple[str, int | None]:
        """The answer without its author."""
        return self.action, self.label_id


def n_needed(ask_when: str, n_opinions: int, planned: int, answers: Sequence[Answer]) -> int:
    """Returns how many people must answer, given these answers.  planned: the number drawn for the image."""
    if ask_when != "deletes":
        return planned
    return n_opinions if any(answer.action == "delete" for answer in answers) else 1


def outcome(answers: Sequence[Answer], needs: int) -> tuple[State, tuple[str, int | None] | None]:
    """Returns (state, settled choice) from the newest answer of each person, oldest first.

    Settled when enough people answered and more than half agree. Where one answer is enough, the newest settles.

    >>> ann, bea = Answer("ann", "keep"), Answer("bea", "delete")
    >>> outcome([ann], 2), outcome([ann, bea], 2), outcome([ann, bea, Answer("cai", "keep")], 3)
    (('open', None), ('conflict', None), ('settled', ('keep', None)))
    """
    if not answers or len(answers) < needs:
        return "open", None
    if needs == 1:
        return "settled", answers[-1].choice
    choice, n = Counter(answer.choice for answer in answers).most_common(1)[0]
    return ("settled", choice) if 2 * n > len(answers) else ("conflict", None)


def is_drawn(image_id: int, seed: int) -> bool:
    """Whether an image is in the sample of `SAMPLE_PCT` per cent; always the same for an image and seed.

    >>> sum(is_drawn(image_id, 7) for image_id in range(10_000))
    1010
    """
    return zlib.crc32(f"{seed} {image_id}".encode()) % 100 < SAMPLE_PCT
