"""timm's networks by name, as `timm_table` measured them; read from a file, without importing torch or timm."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_suffix(".csv")
COLUMNS = ("name", "body_m", "head_m", "min_px", "fixed_px", "tags", "source")


@dataclass(frozen=True)
class TimmNetwork:
    """A row of the table; `timm_table` describes the columns."""

    name: str
    body_m: float
    head_m: float
    min_px: int
    fixed_px: int
    tags: tuple[str, ...]
    source: str


@lru_cache(maxsize=1)
def networks() -> dict[str, TimmNetwork]:
    """Returns every network by its name, in alphabetical order."""
    with TABLE.open(newline="") as file:
        return {row["name"]: _row(row) for row in csv.DictReader(file)}


def _row(row: dict[str, str]) -> TimmNetwork:
    return TimmNetwork(
        row["name"],
        float(row["body_m"]),
        float(row["head_m"]),
        int(row["min_px"]),
        int(row["fixed_px"]),
        tuple(row["tags"].split()),
        row["source"],
    )
