"""The attribution list of any version: sources and licences of its pictures."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from curate.catalog import attribution as lists
from curate.catalog.attribution import Credit
from curate.data_export.version_images import ProjectVersion, images


def write_markdown(path: Path, version: ProjectVersion) -> None:
    """Write the list as Markdown: counts by licence, then every picture, those of unknown licence last."""
    counts = dict(sorted(_licences(version).items(), key=lambda item: (-item[1], item[0])))

    def listed(is_known: bool) -> Iterator[Credit]:
        return (credit for credit in _credits(version) if bool(credit.licence) == is_known)

    _write(path, lists.markdown_of(version.project_name, version.row.number, counts, listed))


def write_csv(path: Path, version: ProjectVersion) -> None:
    """Write the list as CSV, a row per picture."""
    _write(path, lists.csv_of(_credits(version)))


def _licences(version: ProjectVersion) -> Counter[str]:
    return Counter(credit.licence for credit in _credits(version))


def _credits(version: ProjectVersion) -> Iterator[Credit]:
    names = {label.id: label.name for label in version.labels}
    for image in images(version):
        yield lists.credit_of(image.id, names.get(image.label_id, ""), image.file_name, image.provenance)


def _write(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        for piece in pieces:
            file.write(piece)
