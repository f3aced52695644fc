"""What an import would do, as its folders' names say, before anything is decoded or a project exists."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from curate.errors import BadInput
from curate.gather.archives import ArchiveSource
from curate.gather.folders.folder_labels import NO_LABELS, layout_of
from curate.gather.folders.folder_names import EMPTY_FOLDER, TRAIN, VALID, by_number, is_picture
from curate.gather.folders.folder_tree import NO_FOLDER
from curate.gather.folders.label_choices import LabelChoices
from curate.gather.sources import AS_FOUND, FolderSource, NamedFiles, TreeSource

MEANINGS = {
    "label": "one folder for each label",
    "split": "folders of the split",
    "*": "a folder around everything",
}
LAYOUTS = ("label", "split/label", "label/split", "*/label", "*/split/label", NO_LABELS)


@dataclass(frozen=True)
class PlannedLabel:
    """A label by its folder's name, what it will be called (None = left out), and its files by their names.

    n_train, n_valid: those with a given side; the sides of the others are drawn.
    """

    folder: str
    name: str | None
    n_pictures: int
    n_train: int
    n_valid: int
    n_others: int


@dataclass(frozen=True)
class Outside:
    """Files that stay outside for one reason, and the first of them."""

    reason: str
    n: int
    example: str


@dataclass(frozen=True)
class FolderPlan:
    """What was understood of a source. layout: in the words of `folder_labels.parse_layout`, "" = no labels at all.

    n_unlabelled: pictures in no label's folder; they come in without a label if `takes_unlabelled`, else stay outside.
    """

    name: str
    layout: str
    labels: list[PlannedLabel]
    outside: list[Outside]
    n_unlabelled: int = 0
    takes_unlabelled: bool = False

    @property
    def n_labelled(self) -> int:
        """Pictures, by their names, that would come in with a label."""
        return sum(label.n_pictures for label in self.labels if label.name is not None)

    @property
    def n_pictures(self) -> int:
        """Pictures, by their names, that would come in."""
        return self.n_labelled + (self.n_unlabelled if self.takes_unlabelled else 0)

    @property
    def has_labels(self) -> bool:
        """Whether any file lies in a label's folder."""
        return any(label.n_pictures or label.n_others for label in self.labels)

    @property
    def has_split(self) -> bool:
        """Whether the folders say which pictures are held out."""
        return any(label.n_valid for label in self.labels)

    @property
    def n_outside(self) -> int:
        """Files that stay outside."""
        return sum(each.n for each in self.outside)

    def require_labels(self) -> "FolderPlan":
        """The plan itself. Raises BadInput when nothing has a label, saying why, unless pictures come in without."""
        if self.has_labels or (self.takes_unlabelled and self.n_unlabelled):
            return self
        if all(each.reason == EMPTY_FOLDER for each in self.outside):
            raise BadInput(
                f"There are no files in {self.name}.",
                "Pictures lie in one folder for each label: cats/1.jpg, dogs/1.jpg.",
            )
        if all(each.reason == NO_FOLDER for each in self.outside):
            files = f"{self.n_outside:,} files" if self.n_outside > 1 else "one file"
            what = f"{self.name} holds {files} and no folders of labels, so nothing says what they show."
        else:
            first = self.outside[0]
            what = f"{self.name} has no folders of labels: {self.n_outside:,} files stay outside. {first.reason}"
        raise BadInput(
            what,
            "Lay them into one folder for each label (cats/1.jpg, dogs/1.jpg), state the layout, or take the pictures "
            "without labels.",
        )


def plan_folder(folder: Path, known_labels: Collection[str], choices: LabelChoices = AS_FOUND) -> FolderPlan:
    """What importing a folder or a zip on this machine would do. Raises BadInput when it cannot be read."""
    if folder.is_dir():
        return plan(FolderSource(folder, known_labels, choices=choices.checked()))
    return plan_archive(folder, folder.name, known_labels, choices)


def plan_archive(path: Path, name: str, known_labels: Collection[str], choices: LabelChoices = AS_FOUND) -> FolderPlan:
    """What importing a zip would do; `name` is what people call it. Raises BadInput."""
    source = ArchiveSource(path, name, known_labels, choices.checked())
    source.close()
    return plan(source)


def plan_tree(
    name: str, paths: list[str], known_labels: Collection[str], choices: LabelChoices = AS_FOUND
) -> FolderPlan:
    """What importing files of these paths would do. Raises BadInput."""
    return plan(TreeSource(name, "upload", [(path, Path()) for path in paths], known_labels, choices.checked()))


def plan(source: NamedFiles) -> FolderPlan:
    """What was understood of a source's names."""
    labelled = source.labelled
    counts: dict[tuple[str, str | None], Counter[str]] = {}
    for folder, label, path, split in labelled.taken:
        count = counts.setdefault((folder, label), Counter())
        count["others" if not is_picture(path) else split or "drawn"] += 1
    rows = [
        PlannedLabel(
            folder, label, sum(count[side] for side in (TRAIN, VALID, "drawn")), count[TRAIN], count[VALID],
            count["others"],
        )
        for (folder, label), count in counts.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: by_number(row.folder))
    return FolderPlan(
        source.name, layout_of(labelled.paths, labelled.places), rows, _outside(source.refused), labelled.n_unlabelled,
        source.takes_unlabelled,
    )  # fmt: skip


def _outside(refused: list[tuple[str, str]]) -> list[Outside]:
    """The reasons, most frequent first."""
    first: dict[str, str] = {}
    for path, reason in refused:
        first.setdefault(reason, path)
    return [Outside(reason, n, first[reason]) for reason, n in Counter(why for _, why in refused).most_common()]


def in_words(plan: FolderPlan) -> str:
    """The layout and the split as a sentence.

    >>> in_words(FolderPlan("pets", "*/split/label", [PlannedLabel("cats", "cats", 9, 6, 3, 0)], []))
    'A folder around everything / folders of the split / one folder for each label: 9 pictures in 1 label, 3 held out.'
    """
    if not plan.layout:
        return f"No folders of labels: {_counted(plan.n_pictures)} without a label."
    layout = " / ".join(MEANINGS[word] for word in plan.layout.split("/"))
    names = {label.name for label in plan.labels if label.name is not None}
    n_valid = sum(label.n_valid for label in plan.labels if label.name is not None)
    split = f"{n_valid:,} held out" if plan.has_split else "the split is drawn"
    labels = f"{len(names):,} label{'' if len(names) == 1 else 's'}"
    more = f", {plan.n_unlabelled:,} more without a label" if plan.takes_unlabelled and plan.n_unlabelled else ""
    return f"{layout[:1].upper()}{layout[1:]}: {_counted(plan.n_labelled)} in {labels}, {split}{more}."


def _counted(n: int) -> str:
    return f"{n:,} picture{'' if n == 1 else 's'}"
