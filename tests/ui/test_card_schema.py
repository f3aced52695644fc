"""The JSON of a card: what Python writes is what the script says that it reads."""

import re
from dataclasses import fields
from typing import Any

from curate import scripts
from curate.review.listing.cards import as_items
from curate.review.listing.pages import Item

PROPERTY = re.compile(r"@property \{(?P<type>.+)\} (?P<name>\w+|\[\w+\])$", re.MULTILINE)


def declared() -> dict[str, str]:
    """{field: JSDoc type} of the typedef `Item`; optional fields in brackets."""
    source = scripts.modules()["components/grid/script/page_cache.js"].decode()
    typedef = source.partition("@typedef {object} Item")[2].partition("*/")[0]
    return {found["name"]: found["type"] for found in PROPERTY.finditer(typedef)}


def written(**values: Any) -> dict[str, Any]:
    unknown: dict[str, Any] = {field.name: None for field in fields(Item)}
    (item,) = as_items([Item(**unknown | values)])
    return item


def test_the_script_declares_every_field_of_a_card_and_no_other() -> None:
    always, with_doubts = set(written()), set(written(image_id=1, doubt=0.5))
    optional = {f"[{name}]" for name in with_doubts - always}
    assert set(declared()) == always | optional


def test_what_accepting_does_has_the_declared_parts() -> None:
    suggestion = written(image_id=1, doubt=0.5, suggested_id=2, p_suggested=0.9)["suggestion"]
    assert re.findall(r"(\w+):", declared()["[suggestion]"]) == list(suggestion)
