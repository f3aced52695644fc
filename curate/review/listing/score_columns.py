"""A run's scores and the unchanging facts of its images as columns, for any filter, any order and any page.

No set of indexes serves every combination of filters and orders. Columns do: at a million images a filter costs under a
millisecond and an order some three, exactly, wherever the page. A run's scores never change once it has finished, so
its columns are written once, as one memory-mapped Arrow file: columns that no filter needs stay on the disk.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from curate import settings, store
from curate.catalog.database import reading
from curate.catalog.tables.core import Image, Run, Score, Version
from curate.review.listing.orders import SCORES, VALIDATION_FIRST

# Images; up to so many, columns are made within the page (1.5 s). A job makes larger ones.
MAX_INLINE = 150_000
FORMAT = "2"  # a file of another layout, or with the orders of other scores, is not read
MOST_BYTES = 2_000_000_000  # of all files, 22 runs of a million images; a removed file is made again when needed
NONE = -1  # no suggested label
_PAGE = 20_000  # rows read at a time
_SELECTED = (
    Score.image_id, Score.row, Score.label_id, Score.predicted_id, Score.split, Score.suggested_id,
    Score.suggests_delete, Score.asks_again,
    Image.file_name, Image.version_id, Image.provenance, *(getattr(Score, name) for name in SCORES),
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """(N,) arrays over a run's images, ascending ids; labels are those the run was trained with.

    score_rows: rows of the run's probabilities and of its evidence.
    suggested: `NONE` where the evidence supports the label it has.  doubt: in [0, 1], NaN in runs without doubts.
    source, licence: places in `sources`, `licences`, of which "" is not known.  added: days since 1970-01-01 (UTC).
    """

    run_id: int
    project_id: int
    image_ids: np.ndarray
    score_rows: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    suggested: np.ndarray
    is_valid: np.ndarray
    suggests_delete: np.ndarray
    asks_again: np.ndarray
    doubt: np.ndarray
    source: np.ndarray
    licence: np.ndarray
    added: np.ndarray
    sources: list[str]
    licences: list[str]
    _table: Any

    @property
    def n(self) -> int:
        """How many images the run scored."""
        return len(self.image_ids)

    @property
    def has_doubts(self) -> bool:
        """Whether its pictures have doubts; runs made by earlier versions of the program have none."""
        return bool(self.n) and not np.isnan(self.doubt[0])

    def order(self, key: str) -> np.ndarray:
        """Returns (N,) rows in ascending order of a score, then of ids; `valid`: training first, then by doubt."""
        return _array(self._table, f"order.{key}")

    def has_text(self, text: str) -> np.ndarray:
        """Returns (N,) bool: the file name contains `text`, in any case; 40 ms for a million names."""
        import pyarrow.compute as pc

        matches = pc.match_substring(self._table.column("name"), text.casefold())
        return np.asarray(matches, bool)

    def rows_of(self, image_ids: np.ndarray) -> np.ndarray:
        """Returns the rows of those of `image_ids` that the run scored, in their order."""
        rows = np.searchsorted(self.image_ids, image_ids)
        rows = np.minimum(rows, max(0, self.n - 1))
        return rows[self.image_ids[rows] == image_ids] if self.n else rows[:0]


def of_run(run_id: int) -> Columns:
    """Returns a run's columns; makes them now if they are missing (see `is_ready`)."""
    token = _token(run_id)
    return _load(settings.database_url(), run_id, token)


def has_doubts(run_id: int) -> bool:
    """Whether the run's pictures have doubts; runs made by earlier versions of the program have none."""
    with reading() as session:
        return session.scalar(select(func.max(Score.doubt)).where(Score.run_id == run_id)) is not None


def is_ready(run_id: int) -> bool:
    """Whether `of_run` is fast enough for a page; otherwise submit the job that makes the columns."""
    with reading() as session:
        n = session.scalar(select(Run.n_train + Run.n_valid).where(Run.id == run_id)) or 0
    return n <= MAX_INLINE or _path(run_id, _token(run_id)).exists()


def build(run_id: int, on_progress: Callable[[int], None] = lambda n: None) -> None:
    """Write a run's columns unless they are there. on_progress: receives the number of images read so far."""
    path = _path(run_id, _token(run_id))
    if not path.exists():
        _write(path, _read(run_id, on_progress))


@lru_cache(maxsize=8)
def _load(_database: str, run_id: int, token: str) -> Columns:
    import pyarrow as pa

    path = _path(run_id, token)
    build(run_id)
    path.touch()  # the file used last is removed last
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    with reading() as session:
        project_id = session.scalar(select(Run.project_id).where(Run.id == run_id)) or 0

    def column(name: str) -> np.ndarray:
        return _array(table, name)

    def flag(name: str) -> np.ndarray:
        return column(name).view(bool)

    sources, licences = (table.schema.metadata[name].decode().split("\0") for name in (b"sources", b"licences"))
    return Columns(
        run_id, project_id, column("image_id"), column("row"), column("label"), column("predicted"),
        column("suggested"), flag("is_valid"), flag("suggests_delete"), flag("asks_again"), column("doubt"),
        column("source"), column("licence"), column("added"), sources, licences, table,
    )  # fmt: skip


def _array(table: Any, name: str) -> np.ndarray:
    """Returns a column without a copy: it is a single chunk."""
    column = table.column(name)
    return column.chunk(0).to_numpy() if column.num_chunks else column.to_numpy()


def _token(run_id: int) -> str:
    """Returns an identifier that differs for a run of the same id in another catalog, or before it finished."""
    with reading() as session:
        row = session.execute(select(Run.project_id, Run.created_at, Run.finished_at).where(Run.id == run_id)).first()
    identity = f"{FORMAT} {' '.join(SCORES)} {settings.database_url()} {row}"
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _path(run_id: int, token: str) -> Path:
    return store.cache_folder("columns") / f"{run_id}-{token}.arrow"


def _read(run_id: int, on_progress: Callable[[int], None]) -> dict[str, Any]:
    """Reads the columns in pages, ascending ids, so that it blocks nobody and holds few rows as objects."""
    days, pages, n = _days(run_id), [_page([], {})], 0
    for rows in _pages(run_id):
        pages.append(_page(rows, days))
        n += len(rows)
        on_progress(n)
    return {name: np.concatenate([page[name] for page in pages]) for name in pages[0]}


def _page(rows: Any, days: dict[int, int]) -> dict[str, np.ndarray]:
    values = list(zip(*rows, strict=True)) or [()] * len(_SELECTED)
    by_name = {column.key: column_values for column, column_values in zip(_SELECTED, values, strict=True)}
    # None becomes NaN; names and sources are interned, so that the same one is held once.
    scores = {name: np.array(by_name[name], np.float64) for name in SCORES}
    return scores | {
        "image_id": np.array(by_name["image_id"], np.int64),
        "row": np.array(by_name["row"], np.int32),
        "label": np.array(by_name["label_id"], np.int32),
        "predicted": np.array(by_name["predicted_id"], np.int32),
        "suggested": np.array([NONE if id_ is None else id_ for id_ in by_name["suggested_id"]], np.int32),
        "is_valid": np.array([split == "valid" for split in by_name["split"]], np.uint8),
        "suggests_delete": np.array(by_name["suggests_delete"], np.uint8),
        "asks_again": np.array(by_name["asks_again"], np.uint8),
        "added": np.array([days.get(version_id, 0) for version_id in by_name["version_id"]], np.int32),
        "name": np.array([name.casefold() for name in by_name["file_name"]], object),
        "source": np.array([_source(known) for known in by_name["provenance"]], object),
        "licence": np.array([_text(known.get("licence")) for known in by_name["provenance"]], object),
    }


def _pages(run_id: int) -> Iterator[Any]:
    query = select(*_SELECTED).join(Image, Image.id == Score.image_id).where(Score.run_id == run_id)
    query, last = query.order_by(Score.image_id).limit(_PAGE), 0
    while True:
        with reading() as session:
            rows = session.execute(query.where(Score.image_id > last)).all()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _days(run_id: int) -> dict[int, int]:
    """Returns {version id: day of its creation}."""
    query = select(Version.id, Version.created_at).join(Run, Run.project_id == Version.project_id)
    with reading() as session:
        rows = session.execute(query.where(Run.id == run_id)).all()
    return {version_id: int(at.timestamp() // 86_400) for version_id, at in rows}


def _write(path: Path, columns: dict[str, Any]) -> None:
    import pyarrow as pa

    names = {}
    for name in ("source", "licence"):
        names[f"{name}s"], columns[name] = _coded(columns[name])
    columns["name"] = pa.array(columns["name"], pa.large_string())
    scores = {name: columns.pop(name) for name in SCORES}
    orders = _orders(scores, columns["is_valid"])
    table = pa.table({**columns, "doubt": scores["doubt"], **{f"order.{key}": order for key, order in orders.items()}})
    table = table.replace_schema_metadata({name: "\0".join(values) for name, values in names.items()})
    _store(path, table.combine_chunks())


def _orders(scores: dict[str, np.ndarray], is_valid: np.ndarray) -> dict[str, np.ndarray]:
    # Stable: equal scores stay in the order of their ids.
    orders = {name: np.argsort(values, kind="stable") for name, values in scores.items()}
    known = scores["loss"] if np.isnan(scores["doubt"]).all() else scores["doubt"]
    orders[VALIDATION_FIRST] = np.lexsort((known, is_valid))
    return {name: order.astype(np.int32) for name, order in orders.items()}


def _store(path: Path, table: Any) -> None:
    """Write the file atomically; of several writers the last one wins."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    store.write_atomic(path, sink.getvalue().to_pybytes())
    _make_room(path)


def _make_room(kept: Path) -> None:
    """Remove the least recently used files, but not `kept`, until the rest has at most `MOST_BYTES`."""
    files = [(path.stat(), path) for path in kept.parent.glob("*.arrow")]
    n_bytes = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
        if n_bytes > MOST_BYTES and path != kept:
            path.unlink(missing_ok=True)
            n_bytes -= stat.st_size


def _coded(values: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Returns the distinct values, most frequent first, and the place of each value among them."""
    counts = Counter(values.tolist())
    names = sorted(counts, key=lambda name: (-counts[name], name))
    places = {name: place for place, name in enumerate(names)}
    return names, np.array([places[name] for name in values.tolist()], np.int32)


def _source(known: dict[str, Any]) -> str:
    """Returns the name of the source: the archive, the folder or the search."""
    return _text(known.get("name") or known.get("source"))


def _text(value: Any) -> str:
    """Returns the text without NUL, which separates the names in the file."""
    return sys.intern(str(value or "").replace("\0", ""))
