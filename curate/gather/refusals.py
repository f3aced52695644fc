"""What a gathering refused, as a table for a spreadsheet."""

import csv
from typing import TextIO

from curate.catalog import candidates

HEADS = ("label", "url", "why", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(gathering_id: int, file: TextIO) -> int:
    """Write every refused address with its reason; how many there were.

    Labels, addresses and answers are other people's: a cell that a spreadsheet would take for a formula is marked as
    text.
    """
    lines = csv.writer(file)
    lines.writerow(HEADS)
    n = 0
    for n, row in enumerate(candidates.refused(gathering_id), start=1):  # noqa: B007
        lines.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return n
