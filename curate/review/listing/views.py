"""The ways to look at a run's pictures: which of them, in which order, and what each way is good for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from curate.errors import BadInput
from curate.quality.issues import ISSUES


@dataclass(frozen=True)
class Sort:
    """One order of a run's pictures.

    key: the score that they are ordered by.  is_down: the highest first.  which: `right` or `wrong` = only those that
    the model took for their label, or for another.  by_label: without a chosen label, the first few of each in turn.
    kin: pictures that are alike (see `review.kin`), in their groups.  needs_doubts: senseless without them.
    flag: only the few whose scores are marked so.
    issue: what is wrong with the picture itself that they are ordered by, the worst first.
    """

    title: str
    help: str
    key: str = "doubt"
    is_down: bool = True
    which: str | None = None
    by_label: bool = False
    kin: str | None = None
    needs_doubts: bool = False
    flag: str | None = None
    issue: str | None = None


SORTS: Mapping[str, Sort] = MappingProxyType(
    {
        "doubt": Sort("Most doubtful first", "What models that had not seen it say against its label.", "doubt",
                      needs_doubts=True),
        "loss": Sort("Highest loss first", "What surprised the trained model most.", "loss"),
        "valid": Sort("Validation first", "Wrong labels held out for validation spoil the measuring itself.", "doubt"),
        "confident": Sort("Most confidently wrong", "Taken for another label with the highest probability.",
                          "p_predicted", which="wrong"),
        "wrong": Sort("Most wrong per label", "Choose a label, or see the first of each in turn.", "loss",
                      which="wrong", by_label=True),
        "right": Sort("Most right per label", "What the model finds typical: a wrong one here misleads it.",
                      "loss", is_down=False, which="right", by_label=True),
        "uncertain": Sort("Most uncertain per label", "Torn between labels: often two things in one picture.",
                          "uncertainty", by_label=True, needs_doubts=True),
        "random_wrong": Sort("Random wrong ones", "A fair sample of the errors, not only the worst.", "shuffle",
                             is_down=False, which="wrong"),
        "random_right": Sort("Random right ones", "A fair sample of what the model got right.", "shuffle",
                             is_down=False, which="right"),
        "near": Sort("Near-duplicates", "Copies side by side: resized, re-saved, brightened, or the next second.",
                     kin="near"),
        "twins": Sort("Same picture, two labels", "Byte for byte the same: at most one label can be right.",
                      kin="twins"),
        "leaks": Sort("Leaks between splits", "Nearly the same picture in training and in validation.", kin="leaks"),
        "far": Sort("Far from everything", "Perhaps they belong to no label at all: deleting is suggested.",
                    needs_doubts=True, flag="suggests_delete"),
        "asked": Sort("Asked again", "Confirmed once, but the evidence has become much stronger since.",
                      needs_doubts=True, flag="asks_again"),
        # Duplicates have orders of their own above.
        **{name: Sort(issue.sort, issue.help, name, issue=name)
           for name, issue in ISSUES.items() if not name.endswith("duplicate")},
    }
)  # fmt: skip
REVIEWED = {"no": "Not reviewed yet", "yes": "Reviewed", "keep": "Kept", "delete": "Deleted", "relabel": "Relabelled"}
MOST_LETTERS = 200  # of a text that is looked for in file names


@dataclass(frozen=True)
class View:
    """Which of a run's images, in which order; None = any. Labels are those the run was trained with.

    `reviewed`: `no` = neither decided nor confirmed in an earlier version (or confirmed, and asked again), `yes` =
    either, or one standing decision. `decided_by`: whose word stands on it, applied or not. `suggested_id`: the label
    that the evidence supports. `quality`: what is wrong with the picture itself, one of `ISSUES`. `doubt_from` and
    `doubt_to`: in [0, 1], both ends included. `source`, `licence`: as its provenance has them, "" = not known.
    `added_from`, `added_to`: days as 2026-11-21 (UTC), both included. `text`: somewhere in the file name, in any case.
    `picked_id`: only the images that `review.picked` keeps under this number.
    """

    run_id: int
    sort: str = "loss"
    split: str | None = None
    label_id: int | None = None
    predicted_id: int | None = None
    reviewed: str | None = None
    suggested_id: int | None = None
    quality: str | None = None
    decided_by: str | None = None
    doubt_from: float | None = None
    doubt_to: float | None = None
    source: str | None = None
    licence: str | None = None
    added_from: str | None = None
    added_to: str | None = None
    text: str | None = None
    picked_id: int | None = None

    @property
    def order(self) -> Sort:
        """What its `sort` means."""
        return SORTS[self.sort]

    @property
    def is_in_turn(self) -> bool:
        """Whether it shows the first few of each label, one label after the other."""
        return self.order.by_label and self.label_id is None

    def to_json(self) -> dict[str, Any]:
        """It as plain values, without what is not asked; `from_json` makes the same view of it."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "View":
        """The view that `to_json` wrote, checked. Raises BadInput for anything else."""
        for name, value in values.items():
            kind = _KINDS.get(name)
            if kind is None or not isinstance(value, kind) or isinstance(value, bool):
                raise BadInput(f"{name!r:.30} = {value!r:.50} is no part of a view.")
        if "run_id" not in values:
            raise BadInput("A view names its run.")
        return cls(**values).checked()

    def checked(self) -> "View":
        """This view, or BadInput when a value is none of those there are."""
        for name, known in (
            ("sort", SORTS),
            ("reviewed", REVIEWED),
            ("split", ("train", "valid")),
            ("quality", ISSUES),
        ):
            value = getattr(self, name)
            if value is not None and value not in known:
                raise BadInput(f"{value!r:.50} is not one of {', '.join(known)}.")
        for share in (self.doubt_from, self.doubt_to):
            if share is not None and not 0 <= share <= 1:
                raise BadInput(f"A doubt lies between 0 and 1, not at {share!r:.50}.")
        for day in (self.added_from, self.added_to):
            if day is not None:
                _check_day(day)
        if self.text is not None and len(self.text) > MOST_LETTERS:
            raise BadInput(f"A part of a file name can have {MOST_LETTERS} letters.")
        return self


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise BadInput(f"{day!r:.50} is not a day such as 2026-11-21.") from error


_KINDS: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("run_id", "label_id", "predicted_id", "suggested_id", "picked_id"), int),
        **dict.fromkeys(("sort", "split", "reviewed", "quality", "decided_by", "source", "licence", "text"), str),
        **dict.fromkeys(("added_from", "added_to"), str),
        **dict.fromkeys(("doubt_from", "doubt_to"), (int, float)),
    }
)
