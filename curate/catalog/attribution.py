"""The attribution list as CSV or Markdown: the author and the licence of each picture of the current version.

It is written piece by piece, so that a million pictures take no more memory than a thousand.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, func, select

from curate.catalog.database import reading
from curate.catalog.projects import find_project, label_names
from curate.catalog.tables.core import Image
from curate.errors import BadInput
from curate.spreadsheet import csv_text

COLUMNS = ("image", "label", "file_name", "title", "author", "licence", "licence_url", "link")
_PAGE = 1_000
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")
_WEB = re.compile(r"https?://[^\s<>()]+", re.IGNORECASE)


@dataclass(frozen=True)
class Credit:
    """The known facts about a picture's origin; "" = unknown."""

    image_id: int
    label: str
    file_name: str
    title: str
    author: str
    licence: str
    licence_url: str
    link: str


def count_licences(project_id: int) -> dict[str, int]:
    """Returns {licence: active images}, most first; "" = unknown licence."""
    licence = func.coalesce(_licence(), "")
    query = select(licence, func.count()).where(*_mine(project_id)).group_by(licence)
    with reading() as session:
        counts = {str(name): int(n) for name, n in session.execute(query)}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def credits(project_id: int, is_known: bool | None = None) -> Iterator[Credit]:
    """Yields the active images in id order; is_known: only those with a licence, or only those without."""
    names = label_names(project_id)
    empty = func.coalesce(_licence(), "") == ""
    conditions = [] if is_known is None else [~empty if is_known else empty]
    query = select(Image.id, Image.label_id, Image.file_name, Image.provenance).where(*_mine(project_id), *conditions)
    last = 0
    while True:
        with reading() as session:
            rows = session.execute(query.where(Image.id > last).order_by(Image.id).limit(_PAGE)).all()
        if not rows:
            return
        yield from (credit_of(image_id, names[label_id], name, known) for image_id, label_id, name, known in rows)
        last = rows[-1][0]


def as_csv(project_id: int) -> Iterator[str]:
    """Yields the list as CSV in pieces, with a header and a row per image."""
    return csv_of(credits(project_id))


def csv_of(listed: Iterable[Credit]) -> Iterator[str]:
    """Yields these credits as CSV in pieces, with a header and a row per image."""
    yield csv_text([COLUMNS])
    rows = map(astuple, listed)
    while lines := list(islice(rows, _PAGE)):
        yield csv_text(lines)


def as_markdown(project_id: int) -> Iterator[str]:
    """Yields the list as Markdown: counts by licence, then every picture, those of unknown licence last."""
    project = find_project(project_id)
    counts = count_licences(project_id)
    return markdown_of(project.name, project.version_number, counts, lambda known: credits(project_id, known))


def markdown_of(
    name: str, number: int, counts: Mapping[str, int], listed: Callable[[bool], Iterable[Credit]]
) -> Iterator[str]:
    """Yields the list of a project's version as Markdown.

    counts: {licence: images}, "" = unknown.  listed: the credits with a known licence (True), and those without.
    """
    yield f"# Pictures of {plain(name)}, version {number}\n\n"
    yield f"{sum(counts.values()):,} pictures:\n\n"
    for licence, n in counts.items():
        yield f"- {n:,} under {plain(licence)}\n" if licence else f"- {n:,} whose licence is not known\n"
    if sum(n for licence, n in counts.items() if licence):
        yield "\n## Pictures with a licence\n\n"
        yield from (_markdown_line(credit) for credit in listed(True))
    if counts.get(""):
        yield "\n## Licence not known\n\n"
        yield from (_markdown_line(credit) for credit in listed(False))


FORMATS: Mapping[str, Callable[[int], Iterator[str]]] = MappingProxyType({"csv": as_csv, "md": as_markdown})


def write(project_id: int, path: Path) -> int:
    """Writes the list to `path`, in the format of its extension; returns the number of pictures. Raises BadInput."""
    ending = path.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise BadInput(f"{path.name} ends neither in .md nor in .csv.", "The ending chooses Markdown or CSV.")
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            for piece in FORMATS[ending](project_id):
                file.write(piece)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    return sum(count_licences(project_id).values())


def _licence() -> Any:
    return Image.provenance["licence"].as_string()


def _mine(project_id: int) -> list[ColumnElement[bool]]:
    return [Image.project_id == project_id, Image.state == "active"]


def credit_of(image_id: int, label: str, file_name: str, known: dict[str, Any]) -> Credit:
    """Returns what an image's provenance, `known`, says of its origin."""

    def text(*names: str) -> str:
        return next((str(known[name]) for name in names if known.get(name)), "")

    return Credit(
        image_id, label, file_name, text("title"), text("creator", "author"), text("licence"), text("licence_url"),
        text("landing_page", "url"),
    )  # fmt: skip


def _markdown_line(credit: Credit) -> str:
    """Returns - [title](link) by author, [licence](its address) (label: file)."""
    title = _linked(credit.title or credit.file_name, credit.link)
    author = f" by {plain(credit.author)}" if credit.author else ""
    licence = f", {_linked(credit.licence, credit.licence_url)}" if credit.licence else ""
    return f"- {title}{author}{licence} ({plain(credit.label)}: {plain(credit.file_name)})\n"


def in_a_line(credit: Credit) -> str:
    """Returns the credit as Markdown: title, author and licence, as far as they are known."""
    return _markdown_line(credit).removeprefix("- ").rstrip()


def _linked(text: str, address: str) -> str:
    # Only the web: a `javascript:` address must not be made a link of.
    return f"[{plain(text)}](<{address}>)" if _WEB.fullmatch(address) else plain(text)


def plain(text: str) -> str:
    r"""Returns text as Markdown that shows it unchanged, on one line.

    >>> plain("a *b* [c]\n#d")
    'a \\*b\\* \\[c\\] \\#d'
    """
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
