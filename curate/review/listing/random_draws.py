"""Images drawn at random, mixed into an order of doubt: what is wrong among them owes nothing to any model.

The same images are drawn for everybody who reviews a run, in the same sequence (its score `shuffle`), so that the first
so many of them are a fair sample of all images, whatever else was reviewed and in which order.
"""

import numpy as np

from curate.review.listing.score_columns import Columns

N_OF_EACH_HUNDRED = 5


def draws(columns: Columns, n_of_each_hundred: int = N_OF_EACH_HUNDRED) -> np.ndarray:
    """Returns (n,) rows of the drawn images, in the sequence in which they were drawn."""
    return columns.order("shuffle")[: columns.n * n_of_each_hundred // 100]


def mix(order: np.ndarray, columns: Columns, n_of_each_hundred: int) -> np.ndarray:
    """Returns the (N,) rows with the drawn ones at even distances, the first after half of one.

    order: (N,) all rows of the columns.
    """
    drawn = draws(columns, n_of_each_hundred)
    is_drawn = np.zeros(columns.n, bool)
    is_drawn[drawn] = True
    distance = 100 // n_of_each_hundred
    is_place = np.zeros(columns.n, bool)
    is_place[distance // 2 + distance * np.arange(len(drawn))] = True
    mixed = np.empty_like(order)
    mixed[is_place] = drawn
    mixed[~is_place] = order[~is_drawn[order]]
    return mixed
