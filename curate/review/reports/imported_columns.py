"""Columns about a project's pictures from a CSV file, matched by file name."""

from io import StringIO

import pandas as pd
from sqlalchemy import delete, insert, select

from curate.catalog.database import reading, writing
from curate.catalog.tables.imported_columns import ImportedColumn
from curate.errors import BadInput

MOST_BYTES, MOST_COLUMNS, MOST_TEXT = 50_000_000, 20, 200
MOST_VALUES = 12  # distinct numbers; of more, quarters are made
_SEPARATORS = (",", ";", "\t")
_NAMES_OF_FILES = ("file_name", "filename", "file", "path", "image", "picture", "name")


def import_columns(project_id: int, data: bytes) -> list[str]:
    """Store the columns of a CSV file, in place of earlier ones of the same name; returns their names.

    The column with file names is one called file_name, file, path or the like, else the first. Raises BadInput.
    """
    table = _read(data)
    lower = {str(name).strip().casefold(): name for name in table.columns}
    of_files = next((lower[name] for name in _NAMES_OF_FILES if name in lower), table.columns[0])
    files = [_file(text) for text in table[of_files].tolist()]
    others = [name for name in table.columns if name != of_files]
    if not 1 <= len(others) <= MOST_COLUMNS:
        raise BadInput(f"The file has {len(others)} columns beside the file names; 1 to {MOST_COLUMNS} can be taken.")
    columns = {str(name).strip()[:300]: dict(zip(files, _values(table[name]), strict=True)) for name in others}
    names = list(columns)
    rows = [{"project_id": project_id, "name": name, "by_file": by_file} for name, by_file in columns.items()]
    with writing(project_id) as session:
        session.execute(
            delete(ImportedColumn).where(ImportedColumn.project_id == project_id, ImportedColumn.name.in_(names))
        )
        session.execute(insert(ImportedColumn), rows)
    return names


def imported_columns(project_id: int) -> dict[str, dict[str, str]]:
    """Returns {column: {file name in lower case: value}}."""
    query = select(ImportedColumn.name, ImportedColumn.by_file).where(ImportedColumn.project_id == project_id)
    with reading() as session:
        return {row.name: row.by_file for row in session.execute(query.order_by(ImportedColumn.name))}


def column_names(project_id: int) -> tuple[str, ...]:
    """Returns the names of the imported columns with the time of each import, to see whether they changed."""
    query = select(ImportedColumn.name, ImportedColumn.id).where(ImportedColumn.project_id == project_id)
    with reading() as session:
        return tuple(f"{name} {id_}" for name, id_ in session.execute(query.order_by(ImportedColumn.id)))


def _read(data: bytes) -> pd.DataFrame:
    if len(data) > MOST_BYTES:
        raise BadInput(f"The file has {len(data):,} bytes; {MOST_BYTES:,} can be taken.")
    try:
        text = data.decode("utf-8-sig")
        head = text.partition("\n")[0]
        separator = max(_SEPARATORS, key=head.count)
        table = pd.read_csv(StringIO(text), sep=separator, dtype=str, keep_default_na=False).fillna("")
    except ValueError as error:  # pandas' own errors are some, too
        raise BadInput("This file is no CSV.", "It needs a line with names, and a column with file names.") from error
    if table.empty:
        raise BadInput("The file has no rows.")
    return table


def _file(text: str) -> str:
    """Returns the name of a file without folders, in lower case."""
    return text.replace("\\", "/").rpartition("/")[2].strip().casefold()


def _values(column: "pd.Series[str]") -> list[str]:
    """Returns the values as texts; many different numbers become quarters."""
    numbers = pd.to_numeric(column, errors="coerce")
    filled = column.str.strip() != ""
    if numbers[filled].notna().all() and numbers.nunique() > MOST_VALUES:
        quarters = pd.qcut(numbers, 4, duplicates="drop")
        return ["" if pd.isna(part) else f"{part.left:g} to {part.right:g}" for part in quarters]
    return [text.strip()[:MOST_TEXT] for text in column.tolist()]
