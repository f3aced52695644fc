"""Import: a folder tree, a zip of one, or loose files become images of a project, in one new version.

First every file is decoded and stored (decode_files.py), which can be interrupted; then near-duplicates are grouped,
the split is drawn, and all new images enter the catalog in one transaction.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from curate import store
from curate.catalog import images, linked_files, projects, runs, source_files
from curate.catalog.images import Hashes, NewImage
from curate.catalog.source_files import SourceFacts
from curate.catalog.splits.draw import TRAIN, UNKNOWN, VALID, Arrivals, draw_split
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.gather.archives import ArchiveSource
from curate.gather.decode_files import Intake, keep, take_in
from curate.gather.folders.folder_names import by_number
from curate.gather.folders.label_choices import Entry, LabelChoices
from curate.gather.near_duplicates import near_groups
from curate.gather.predicted_source import PredictedFile, PredictedSource
from curate.gather.sources import AS_FOUND, FilesSource, FolderSource, Source, TreeSource

Report = Callable[
    [int, int | None, str], None
]  # (done, total, message); what it raises ends the import, losing nothing
_MOST_LISTED = 500  # of each kind in the JSON
_SIDES = {None: UNKNOWN, "train": TRAIN, "valid": VALID}


@dataclass
class ImportResult:
    """What an import did; files that were left out are listed, not lost.

    refused: (file, reason); two_labels: groups of "label/file" that show the same picture under different labels;
    n_known: files whose picture the project has under that label already; n_duplicates: files with the same bytes as
    another of this import under the same label; leaks: files that did not go to the side they were given in (train/
    or valid/) because a near-duplicate lies on the other; n_near_duplicate_groups: groups with a new image in them.
    """

    version_id: int = 0
    n_found: int = 0
    n_added: int = 0
    n_known: int = 0
    n_duplicates: int = 0
    n_near_duplicate_groups: int = 0
    seconds: float = 0.0
    refused: list[tuple[str, str]] = field(default_factory=list)
    two_labels: list[list[str]] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What the job row stores: everything above, the lists cut to 500, and n_refused, n_two_labels, n_leaks."""
        lists = {name: getattr(self, name) for name in ("refused", "two_labels", "leaks")}
        cut = {name: items[:_MOST_LISTED] for name, items in lists.items()}
        return asdict(self) | cut | {f"n_{name}": len(items) for name, items in lists.items()}


def import_folder(
    project_id: int,
    folder: Path,
    author: str,
    report: Report,
    is_linked: bool = False,
    is_own: bool = True,
    choices: LabelChoices = AS_FOUND,
) -> ImportResult:
    """Take in every picture below `folder`, labelled as folder_labels.py reads it; nothing there changes.

    is_linked: leave them where they are, and only remember size and time of each; is_own: the folder is somebody's,
    and may be written back to later; choices: how the labels were changed. Raises NotFound for the project, BadInput
    for the folder.
    """
    labels = [label.name for label in projects.labels(project_id)]
    report(0, None, "Looking for files")
    source = FolderSource(folder, labels, is_linked, choices)
    return _import(project_id, source, author, report, is_kept_track_of=is_own and not is_linked)


def import_tree(
    project_id: int,
    name: str,
    kind: str,
    files: list[tuple[str, Path]],
    author: str,
    report: Report,
    choices: LabelChoices = AS_FOUND,
) -> ImportResult:
    """Take in files whose paths ("cats/1.jpg", where it lies) tell their labels; name and kind: what they come from.

    Raises NotFound, BadInput.
    """
    labels = [label.name for label in projects.labels(project_id)]
    return _import(project_id, TreeSource(name, kind, files, labels, choices), author, report)


def import_archive(
    project_id: int,
    zip_path: Path,
    author: str,
    report: Report,
    name: str | None = None,
    choices: LabelChoices = AS_FOUND,
) -> ImportResult:
    """Take in a zip of such a folder, read member by member; no name in it ever becomes a path.

    `name` is what people call the archive. Raises NotFound for the project, BadInput for the archive.
    """
    labels = [label.name for label in projects.labels(project_id)]
    report(0, None, "Looking into the archive")
    source = ArchiveSource(zip_path, name or zip_path.name, labels, choices)
    try:
        return _import(project_id, source, author, report)
    finally:
        source.close()


def import_files(
    project_id: int, label: str, files: list[tuple[str, Path]], author: str, report: Report
) -> ImportResult:
    """Take in loose (file name, where it lies) files under one label, or `UNLABELLED`. Raises NotFound, BadInput."""
    return _import(project_id, FilesSource(label, files), author, report)


def import_predicted(
    project_id: int, run: str, files: list[PredictedFile], author: str, report: Report
) -> ImportResult:
    """Take in files, each under its own label, that a run (its name) predicted. Raises NotFound, BadInput."""
    return _import(project_id, PredictedSource(run, author, files), author, report)


def _import(
    project_id: int, source: Source, author: str, report: Report, is_kept_track_of: bool = False
) -> ImportResult:
    began = time.monotonic()
    projects.find_project(project_id)
    n_found = len(source.entries) + len(source.refused)
    if not n_found:
        raise BadInput(
            f"There are no files in {source.name}.",
            "Pictures lie in one folder for each label: cats/1.jpg, dogs/1.jpg.",
        )
    # A file that was written back lies under its image's label of today.
    known = images.known_entries(project_id) | images.relabelled_entries(project_id)
    intake = take_in(source, {sha for sha, _ in known}, report)
    report(n_found, n_found, "Looking for near-duplicates and drawing the split")
    result = enter(project_id, source, intake, author, known)
    linked = [(path, sha) for entry, sha in intake.taken if (path := source.linked_path(entry))]
    linked_files.remember(project_id, source.name, linked)
    if is_kept_track_of and isinstance(source, FolderSource):
        source_files.remember(project_id, str(source.root), _files_of(source, intake))
    result.n_found, result.refused = n_found, intake.refused
    result.seconds = time.monotonic() - began
    return result


def _files_of(source: FolderSource, intake: Intake) -> list[SourceFacts]:
    """What to remember of the files that were taken in, so that they can be found again and moved."""
    return [
        SourceFacts(entry.key, sha, entry.label, entry.label_at, *source.facts[entry.key])
        for entry, sha in intake.taken
        if entry.key in source.facts
    ]


def enter(
    project_id: int, source: Source, intake: Intake, author: str, known: set[tuple[str, str]], verb: str = "Imported"
) -> ImportResult:
    """Enter what was taken in into the catalog, as one version named "`verb` 12 images from …".

    known: (sha, label) of what the project has, as from `images.known_entries`.  A picture without a label is known
    when the project has it under any, and a duplicate when this import has it under one.
    """
    result = ImportResult()
    fresh: dict[tuple[str, str], Entry] = {}
    shown, labelled = {sha for sha, _ in known}, {sha for entry, sha in intake.taken if entry.label != UNLABELLED}
    for entry, sha in intake.taken:
        is_unlabelled = entry.label == UNLABELLED
        if (sha, entry.label) in known or (is_unlabelled and sha in shown):
            result.n_known += 1
        elif (sha, entry.label) in fresh or (is_unlabelled and sha in labelled):
            result.n_duplicates += 1
        else:
            fresh[sha, entry.label] = entry
    new, result.n_near_duplicate_groups = _new_images(project_id, source, intake, fresh)
    sides = {image.sha: image.split for image in new}
    result.leaks = [e.path for e, sha in intake.taken if e.split and sha in sides and sides[sha] != e.split]
    labels = sorted({image.label for image in new}, key=by_number)
    message = f"{verb} {{n}} images from {source.name}"
    result.version_id, result.n_added = images.add_images(project_id, new, author, message, labels)
    result.n_known += len(new) - result.n_added
    _store_again(source, fresh)
    result.two_labels = _two_labels(project_id, set(sides))
    return result


def _store_again(source: Source, fresh: dict[tuple[str, str], Entry]) -> None:
    """Bring back pictures that somebody's emptying of another project's bin took away while the import ran."""
    for (sha, _), entry in fresh.items():
        if not store.has_blob(sha):
            keep(source, entry, source.read(entry))


def _new_images(
    project_id: int, source: Source, intake: Intake, fresh: dict[tuple[str, str], Entry]
) -> tuple[list[NewImage], int]:
    """`fresh` with its groups and splits, and in how many near-duplicate groups it takes part."""
    have = images.hashes(project_id)
    n_have = len(have.image_ids)
    bits = np.concatenate([have.bits, images.blob_hashes([sha for sha, _ in fresh])])
    groups = near_groups(bits, _together(project_id, have, fresh), n_have)
    project = projects.find_project(project_id)
    arrivals = _arrivals(project_id, have, groups, intake, fresh)
    is_valid = draw_split(arrivals, project.valid_pct, project.split_seed)
    names = _group_names(have, groups, is_valid)
    drawn = zip(fresh, is_valid[n_have:].tolist(), strict=True)
    sides = ["" if label == UNLABELLED else "valid" if valid else "train" for (_, label), valid in drawn]
    new = [
        NewImage(sha, label, entry.file_name, side, name, origin)
        for ((sha, label), entry), side, name, origin in zip(
            fresh.items(), sides, names, source.origins(list(fresh.values())), strict=True
        )
    ]
    return new, len({name for name in names if name is not None})


def _together(project_id: int, have: Hashes, fresh: Iterable[tuple[str, str]]) -> np.ndarray:
    """(N,) numbers, equal for images that share a group already or show the very same picture."""
    shown = images.showing(project_id, [sha for sha, _ in fresh])
    group_of = dict(zip(have.image_ids.tolist(), have.groups.tolist(), strict=True))
    own: dict[str, int] = {}
    new = [group_of[shown[sha]] if sha in shown else own.setdefault(sha, -len(own) - 1) for sha, _ in fresh]
    return np.concatenate([have.groups, np.array(new, np.int64)])


def _arrivals(
    project_id: int, have: Hashes, groups: np.ndarray, intake: Intake, fresh: Iterable[tuple[str, str]]
) -> Arrivals:
    """What the split is drawn over: the images there are, then the new ones."""
    given: dict[str, int] = {}
    for entry, sha in intake.taken:
        if entry.split and given.get(sha) != TRAIN:  # the same picture on both sides: train, as in draw_split
            given[sha] = _SIDES[entry.split]
    number = {label.name: label.id for label in projects.labels(project_id)}
    above = max(number.values(), default=0) + 1
    new_labels = [-1 if label == UNLABELLED else number.setdefault(label, above + len(number)) for _, label in fresh]
    label_ids, is_active = runs.todays_labels(have.image_ids)
    unknown = np.full(len(new_labels), UNKNOWN)
    return Arrivals(
        shas=[""] * len(have.image_ids) + [sha for sha, _ in fresh],
        labels=np.concatenate([np.where(is_active, label_ids, -1), np.array(new_labels, np.int64)]),
        groups=groups,
        settled=np.concatenate([_as_sides(have.splits), unknown]),
        given=np.concatenate(
            [np.full(len(have.image_ids), UNKNOWN), np.array([given.get(sha, UNKNOWN) for sha, _ in fresh], np.int64)]
        ),
    )


def _as_sides(splits: np.ndarray) -> np.ndarray:
    """(N,) sides of images by their splits; "" = not drawn yet."""
    return np.select([splits == "valid", splits == "train"], [VALID, TRAIN], UNKNOWN)


def _group_names(have: Hashes, groups: np.ndarray, is_valid: np.ndarray) -> list[int | None]:
    """For every new image its `NewImage.group`: an existing group on its side, else a number shared by new ones."""
    n_have = len(have.image_ids)
    names: dict[int, int] = {}
    for row in sorted(range(n_have), key=lambda row: bool(is_valid[row])):  # train first: where divided groups go
        names.setdefault(int(groups[row]), int(have.groups[row]))
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return [
        names.get(first, -first - 1) if n > 1 else None
        for first, n in zip(groups[n_have:].tolist(), sizes[group][n_have:].tolist(), strict=True)
    ]


def _two_labels(project_id: int, shas: set[str]) -> list[list[str]]:
    """Groups of "label/file" in which one of `shas` is filed under several labels."""
    label_names = projects.label_names(project_id)
    groups = images.pictures_under_two_labels(project_id, limit=10_000) if shas else []
    rows = [images.image_rows(group) for group in groups]
    return [[f"{label_names[row.label_id]}/{row.file_name}" for row in of] for of in rows if of[0].sha in shas]
