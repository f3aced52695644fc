"""Why the labels of a page of pictures are doubted, in words."""

from collections.abc import Mapping, Sequence

import numpy as np

from curate import store
from curate.doubts import stored
from curate.doubts.explain import Evidence, explain
from curate.errors import NotFound
from curate.review.pages import Item

AGAIN = "Confirmed by a person once, but the evidence has become much stronger since:"


def in_words(run_id: int, items: Sequence[Item], names: Mapping[int, str]) -> dict[int, str]:
    """{image id: sentence} of those of `items` that have a doubt; names: by label id. Reads these rows only.

    Empty where the evidence's file is missing: the doubts themselves are in the catalog and stay.
    """
    doubted = [item for item in items if item.doubt is not None]
    try:
        records = stored.read_rows(store.run_folder(run_id), np.array([item.row for item in doubted], np.int64))
    except NotFound:
        return {}
    return {item.image_id: explain(_of(item, record, names)) for item, record in zip(doubted, records, strict=True)}


def _of(item: Item, record: np.void, names: Mapping[int, str]) -> Evidence:
    given = names.get(item.trained_label_id, "?")
    return Evidence(
        given=given,
        suggested=names.get(item.suggested_id, "?") if item.suggested_id is not None else given,
        votes=int(record["votes"]),
        n_models=int(record["n_models"]),
        neighbours=int(record["neighbours"]),
        n_neighbours=int(record["n_neighbours"]),
        suggests_delete=item.suggests_delete,
        asks_again=AGAIN if item.asks_again else "",
    )
