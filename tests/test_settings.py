"""The README's table and `settings.NAMES` say the same."""

import re
from pathlib import Path

from curate import settings

README = Path(__file__).parents[1] / "README.md"


def test_every_setting_is_in_the_readmes_table() -> None:
    rows = set(re.findall(r"^\|\s*`(CURATE_[A-Z_]+)`\s*\|", README.read_text(), re.MULTILINE))
    assert rows == set(settings.NAMES)
