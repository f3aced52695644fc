"""The types that the scripts are checked with are those of the JSON that Python writes."""

from dataclasses import fields
from typing import Any

from curate.review.listing.cards import CardJson, as_items
from curate.review.listing.pages import Item
from tests import typescript


def card(**values: Any) -> CardJson:
    unknown: dict[str, Any] = {field.name: None for field in fields(Item)}
    (item,) = as_items([Item(**unknown | values)])
    return item


def test_the_scripts_types_are_written_from_pythons() -> None:
    assert typescript.PATH.read_text(encoding="utf-8") == typescript.declarations(), "run `make types`"


def test_a_card_has_every_declared_field_and_those_of_doubt_only_with_doubt() -> None:
    assert set(card()) == CardJson.__required_keys__
    of_unlabelled = {"sure_text"}
    assert set(card(image_id=1, doubt=0.5)) == set(CardJson.__annotations__) - of_unlabelled


def test_a_card_suggests_what_the_evidence_supports() -> None:
    doubted = {"image_id": 1, "label_id": 1, "trained_label_id": 1, "doubt": 0.5, "p_suggested": 0.9}
    assert card(**doubted, suggested_id=2)["suggestion"] == {"action": "relabel", "label": 2}
    assert card(**doubted)["suggestion"] == {"action": "keep", "label": None}
    assert card(**doubted, suggests_delete=True)["suggestion"] == {"action": "delete", "label": None}
