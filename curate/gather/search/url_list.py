"""A list of addresses: pasted, or a CSV or Parquet file with columns for address, label and, if there are any, credit.

Lists are read row by row and laid down as one file per label, which is then read page by page: a list of any length
costs the same memory.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from curate import store
from curate.catalog.candidates import Found
from curate.catalog.gatherings import NewSearch, SearchRow
from curate.catalog.projects import clean_name
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput, NotFound
from curate.gather.search import Page, Pause, SearchFailed
from curate.gather.search.text_encoding import find_encoding

PAGE_SIZE = 500
MAX_LABELS = 500  # each is a file held open
MAX_ADDRESS = 8_000
MAX_CELL = 100_000  # letters; what is longer is a picture in the list itself
_SEPARATORS = (",", ";", "\t")
_HEADLESS = re.compile(r"[^\s?]+[.]\w{2,5}[,;\t][^/.=&?,;\t]+")
_URL = re.compile(r"\s*(https?:|data:|//|#)", re.IGNORECASE)
# What columns are called in lists one meets: img2dataset's, Openverse's, LAION's, Google Open Images'.
COLUMNS = {
    "url": ("url", "image_url", "image", "link", "originalurl", "src", "address"),
    "label": ("label", "class", "category", "labelname", "target", "y"),
    "title": ("title", "caption", "text"),
    "creator": ("creator", "author", "photographer", "artist"),
    "creator_url": ("creator_url", "author_url", "authorprofileurl"),
    "licence": ("licence", "license", "license_name"),
    "licence_url": ("licence_url", "license_url"),
    "landing_page": ("landing_page", "foreign_landing_url", "originallandingurl", "source_url", "page"),
}
_CREDIT = tuple(name for name in COLUMNS if name not in ("url", "label"))


class UrlList:
    """Reads the lists that `lay_down` wrote."""

    def close(self) -> None:
        """Nothing is held open."""

    def find(self, search: SearchRow, pause: Pause) -> Page:
        """The next 500 addresses of the search's label; the cursor is a place in its file. Raises SearchFailed."""
        try:
            folder = store.find_incoming(search.options["list"])
        except NotFound as error:
            raise SearchFailed("The list of addresses is no longer there.", "Start again with the list.") from error
        found: list[Found] = []
        with (folder / str(int(search.options["file"]))).open("rb") as file:
            file.seek(search.cursor or 0)
            while len(found) < PAGE_SIZE and (line := file.readline()):
                found.append(Found(**json.loads(line)))
            return Page(found, file.tell(), is_last=not file.read(1))


def lay_down(rows: Iterator[tuple[str | None, Found]], label: str | None, name: str) -> list[NewSearch]:
    """A search for every label in a list of (label, address), with its addresses in a file of its own.

    label: for rows that have none, `UNLABELLED` = they come without; name: what people call the list. Raises BadInput
    for a row without any label, over 500 labels, or no address at all.
    """
    folder = store.incoming_folder()
    files: dict[str, IO[str]] = {}
    counts: dict[str, int] = {}
    try:
        for number, (own, found) in enumerate(rows, start=1):
            at = _label(own, label, number)
            if at not in files:
                files[at] = _opened(folder, len(files))
                counts[at] = 0
            files[at].write(json.dumps(asdict(found)) + "\n")
            counts[at] += 1
        if not counts:
            raise BadInput(
                f"There are no addresses in {name}.", "Give one in each line, or a table with a `url` column."
            )
    except BadInput:
        store.remove_incoming(folder)
        raise
    finally:
        for file in files.values():
            file.close()
    return [
        NewSearch(at, name, 0, "urls", {"list": folder.name, "file": str(number), "n": counts[at]})
        for number, at in enumerate(files)
    ]


def read_text(text: str) -> Iterator[tuple[str | None, Found]]:
    """(None, address) of every line that holds one; blank lines and those that begin with # are left out."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield None, Found(_short(line.strip()))


def read_file(path: Path, name: str = "") -> Iterator[tuple[str | None, Found]]:
    """(label or None, address with credit) of every row of a CSV or Parquet file, or of lines of addresses.

    `name` is what people call the file. Raises BadInput when it cannot be read or has no column of addresses.
    """
    name = name or path.name
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        yield from _rows(_parquet(path, name), name)
        return
    try:
        with path.open(newline="", encoding=find_encoding(path, name)) as lines:
            first, begins_at = lines.readline(MAX_CELL), 0
            if first.lower().startswith("sep="):  # for Excel; the next line is the head
                begins_at = lines.tell()
                first = lines.readline(MAX_CELL)
            lines.seek(begins_at)
            if _is_address(first):
                _check_is_no_table(first, name)
                for line in lines:
                    yield from read_text(line)
                return
            csv.field_size_limit(2**31 - 1)  # an enormous cell is its row's trouble, not the list's
            table = csv.DictReader(lines, delimiter=max(_SEPARATORS, key=first.count))
            _check_names(table.fieldnames or (), name)
            yield from _rows(table, name)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{name} cannot be read as a table: {error}.", "Save it as CSV in UTF-8.") from error


def _parquet(path: Path, name: str) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet
    from pyarrow import ArrowException

    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=5_000):
                yield from batch.to_pylist()
    except ArrowException as error:
        raise BadInput(f"{name} cannot be read as a Parquet file: {error!s:.200}.") from error


def _rows(rows: Iterable[dict[str, Any]], name: str) -> Iterator[tuple[str | None, Found]]:
    columns: dict[str, str] | None = None
    for row in rows:
        columns = _columns(list(row), name) if columns is None else columns
        cell = {what: str(row[column]).strip() for what, column in columns.items() if row.get(column) not in (None, "")}
        if cell.get("url", "").startswith("data:") and (rest := row.get(None)):  # type: ignore[call-overload]
            cell["label"] = str(rest[-1]).strip()  # its comma made two cells of it
        if "\n" in cell.get("url", ""):
            raise BadInput(
                f"An address in {name} goes over several lines: {cell['url']!r:.120}.",
                "A quotation mark before it is not closed.",
            )
        if cell.get("url"):
            credit = {what: cell[what][:MAX_CELL] for what in _CREDIT if what in cell}
            yield cell.get("label"), Found(_short(cell["url"]), credit)


def _short(url: str) -> str:
    """The address, or the beginning of one that is too long to be any: it is refused later, by itself."""
    return url if len(url) <= MAX_ADDRESS else url[:MAX_ADDRESS]


def _columns(heads: list[str], name: str) -> dict[str, str]:
    """{what it is: the column's name} of the columns that are understood."""
    by_name = {str(head).strip().casefold(): head for head in heads if head is not None}
    columns = {
        what: next(by_name[each] for each in names if each in by_name)
        for what, names in COLUMNS.items()
        if any(each in by_name for each in names)
    }
    if "url" not in columns:
        raise BadInput(
            f"{name} has no column of addresses.", f"Name one `url`; it has {', '.join(map(str, heads))[:200]}."
        )
    return columns


def _check_names(heads: Sequence[str], name: str) -> None:
    """Raise BadInput when a table has two columns of one name that means something here."""
    known = {each for names in COLUMNS.values() for each in names}
    counts = Counter(head.strip().casefold() for head in heads)
    if twice := [head for head, n in counts.items() if n > 1 and head in known]:
        raise BadInput(f"{name} has more than one column `{twice[0]}`.", "Rename those that are not meant.")


def _is_address(line: str) -> bool:
    """Whether a list's first line is an address, not the head of a table; commas in an address are its own."""
    return _URL.match(line) is not None


def _check_is_no_table(first: str, name: str) -> None:
    """Raise BadInput for a first line such as "https://a.org/1.jpg,cats": a table without a head."""
    if _HEADLESS.fullmatch(first.strip()):
        raise BadInput(f"The first row of {name} names no columns.", "Put a row `url,label` above the addresses.")


def _label(own: str | None, label: str | None, number: int) -> str:
    chosen = own or label
    if chosen == UNLABELLED:
        return UNLABELLED
    if chosen is None:
        raise BadInput(f"Row {number:,} has no label.", "Name a label for the whole list, or add a `label` column.")
    return clean_name(chosen, "label")


def _opened(folder: Path, n: int) -> IO[str]:
    if n >= MAX_LABELS:
        raise BadInput(f"The list has over {MAX_LABELS:,} labels.", "Is its label column the right one?")
    return (folder / str(n)).open("w", encoding="utf-8")
