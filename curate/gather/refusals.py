"""What a gathering refused, as a table for a spreadsheet."""

from typing import TextIO

from curate.catalog import candidates
from curate.spreadsheet import csv_text

HEADS = ("label", "url", "why", "detail")


def write_csv(gathering_id: int, file: TextIO) -> int:
    """Writes every refused address with its reason, without formulas, and returns how many there were."""
    file.write(csv_text([HEADS]))
    n_rows = 0
    for row in candidates.refused(gathering_id):
        file.write(csv_text([row]))
        n_rows += 1
    return n_rows
