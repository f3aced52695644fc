"""No CSV of ours is run by the spreadsheet that opens it, and one module says how."""

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from curate.spreadsheet import csv_text
from curate.ui.rendering import formatting

ROOT = Path(__file__).parents[1]
# Beside the module itself: the tables of exports, exact unless asked otherwise; pandas' tables; the list of
# networks.
WRITERS = {"spreadsheet.py", "image_table.py", "held_out_arrays.py", "formatting.py", "timm_table.py"}


@pytest.mark.parametrize("start", [*"=+-@\t\r\n＝＋－＠", " =", "  @", "\xa0+", "\ufeff=", "\u200e-", "\0@"])
def test_texts_that_begin_like_a_formula_get_an_apostrophe_and_numbers_stay(start):
    text = csv_text([["head"], [f"{start}HYPERLINK(0)", -1.5, "a=b", ""]])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["head"], [f"'{start}HYPERLINK(0)", "-1.5", "a=b", ""]]


def test_tables_hold_no_formula_in_cells_or_headings():
    table = pd.DataFrame({"file": ["@a.png", "b.png"], "=cats()": [-0.25, None], "n": [1, 2]})
    assert formatting.table_csv(table) == "file,'=cats(),n\n'@a.png,-0.25,1\nb.png,,2\n"


def test_csv_is_written_by_the_one_module_that_knows_of_formulas():
    writes = re.compile(r"csv\.(writer|DictWriter)\(|\.to_csv\(index")
    assert {path.name for path in (ROOT / "curate").rglob("*.py") if writes.search(path.read_text())} == WRITERS
