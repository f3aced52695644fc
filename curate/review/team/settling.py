"""When what people said of an image settles it. Knows answers only, no database."""

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
    """What somebody said of an image: `keep`, `delete`, or `relabel` to `label_id`."""

    reviewer: str
    action: str
    label_id: int | None = None

    @property
    def said(self) -> tuple[str, int | None]:
        """The answer without its author."""
        return self.action, self.label_id


def n_needed(ask_when: str, n_opinions: int, planned: int, answers: Sequence[Answer]) -> int:
    """How many people must answer about an image, now that these did; `planned`: as many as its draw said."""
    if ask_when != "deletes":
        return planned
    return n_opinions if any(answer.action == "delete" for answer in answers) else 1


def outcome(answers: Sequence[Answer], needs: int) -> tuple[State, tuple[str, int | None] | None]:
    """(state, what was settled) from the newest answer of each person, oldest first.

    Settled when enough of them answered and more than half of them say the same; where one is enough, by the newest.

    >>> ann, bea = Answer("ann", "keep"), Answer("bea", "delete")
    >>> outcome([ann], 2), outcome([ann, bea], 2), outcome([ann, bea, Answer("cai", "keep")], 3)
    (('open', None), ('conflict', None), ('settled', ('keep', None)))
    """
    if not answers or len(answers) < needs:
        return "open", None
    if needs == 1:
        return "settled", answers[-1].said
    said, n = Counter(answer.said for answer in answers).most_common(1)[0]
    return ("settled", said) if 2 * n > len(answers) else ("conflict", None)


def is_drawn(image_id: int, seed: int) -> bool:
    """Whether an image is among the sample of `SAMPLE_PCT`; the same for ever, and nobody can tell by looking.

    >>> sum(is_drawn(image_id, 7) for image_id in range(10_000))
    1010
    """
    return zlib.crc32(f"{seed} {image_id}".encode()) % 100 < SAMPLE_PCT
