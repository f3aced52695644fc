"""The entries of filters and orders: each says all that the page, the address and the JSON of a view need."""

import dataclasses

import pytest

from curate.catalog.tables.core import Score
from curate.errors import BadInput
from curate.review.listing.filters import Filter
from curate.review.listing.orders import SCORES, SORTS
from curate.review.listing.views import FILTERS, View

# As links and saved views of earlier versions of the program write them.
ADDRESSES = {
    "split": "split", "label_id": "label", "predicted_id": "predicted", "reviewed": "reviewed",
    "suggested_id": "suggested", "outcome": "outcome", "quality": "quality", "decided_by": "by",
    "doubt_from": "doubt_from", "doubt_to": "doubt_to", "source": "source",
    "licence": "licence", "added_from": "added_from", "added_to": "added_to", "text": "text", "picked_id": "picked",
}  # fmt: skip
EXAMPLES = {
    "split": "valid", "label_id": 3, "predicted_id": 3, "suggested_id": 3, "outcome": "wrong", "reviewed": "keep",
    "doubt_from": 0.3, "doubt_to": 0.7, "quality": "dark", "decided_by": "ann", "source": "", "licence": "CC0 1.0",
    "added_from": "2026-11-21", "added_to": "2026-11-21", "text": "IMG", "picked_id": 7,
}  # fmt: skip


def test_every_part_of_a_view_but_run_and_order_is_a_filter_with_the_address_it_always_had() -> None:
    parts = [field.name for field in dataclasses.fields(View)]
    assert parts == ["run_id", "sort", *FILTERS]
    assert {name: entry.address for name, entry in FILTERS.items()} == ADDRESSES


@pytest.mark.parametrize("name", list(FILTERS))
def test_a_filter_comes_back_from_the_address_and_from_json(name: str) -> None:
    entry: Filter = FILTERS[name]
    assert entry.parse(entry.write(EXAMPLES[name])) == EXAMPLES[name]
    view = View.from_json({"run_id": 1, name: EXAMPLES[name]})
    assert view.to_json() == {"run_id": 1, "sort": "loss", name: EXAMPLES[name]}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"run_id": True}, "'run_id' = True is no part of a view."),
        ({"run_id": "1"}, "'run_id' = '1' is no part of a view."),
        ({"run_id": 1, "colour": "red"}, "'colour' = 'red' is no part of a view."),
        ({"run_id": 1, "label_id": 1.5}, "'label_id' = 1.5 is no part of a view."),
        ({"sort": "loss"}, "A view names its run."),
        ({"run_id": 1, "doubt_to": 1.2}, "A doubt lies between 0 and 1, not at 1.2."),
        ({"run_id": 1, "added_to": "soon"}, "'soon' is not a day such as 2026-11-21."),
        ({"run_id": 1, "text": "x" * 201}, "A part of a file name can have 200 letters."),
    ],
)
def test_json_that_is_no_view_is_refused_in_a_sentence(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInput) as refusal:
        View.from_json(values)
    assert str(refusal.value) == sentence


def test_the_scores_with_a_stored_order_are_those_that_the_entries_sort_by() -> None:
    assert set(SCORES) == {"loss", "p_predicted", "doubt", "uncertainty", "shuffle"}
    assert all(hasattr(Score, name) for name in SCORES)
    assert len({order.title for order in SORTS.values()}) == len(SORTS)
