"""The ways to look at a run's pictures: which of them, in which order, and what each way is good for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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


@dataclass(frozen=True)
class View:
    """Which of a run's images, in which order; None = any. Labels are those the run was trained with.

    `reviewed`: `no` = neither decided nor confirmed in an earlier version (or confirmed, and asked again), `yes` =
    either, or one standing decision. `suggested_id`: the label that the evidence supports. `quality`: what is wrong
    with the picture itself, one of `ISSUES`.
    """

    run_id: int
    sort: str = "loss"
    split: str | None = None
    label_id: int | None = None
    predicted_id: int | None = None
    reviewed: str | None = None
    suggested_id: int | None = None
    quality: str | None = None

    @property
    def order(self) -> Sort:
        """What its `sort` means."""
        return SORTS[self.sort]

    @property
    def is_in_turn(self) -> bool:
        """Whether it shows the first few of each label, one label after the other."""
        return self.order.by_label and self.label_id is None

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
        return self
