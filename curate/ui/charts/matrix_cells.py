"""The cells of a drawn confusion matrix: their numbers, their colours' strengths, and their texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from curate.evaluation import per_cent, pictures, row_shares
from curate.ui.charts.base import safe_text

Mode = Literal["counts", "share", "predicted"]
TOTAL = -1  # in place of a position: the row or column with the totals
WHOLE_UP_TO = 40  # labels; more names than this cannot be read beside a matrix 620 px high


@dataclass(frozen=True)
class Style:
    """How a matrix is drawn.

    mode: colours and texts are counts, shares of the actual label, or shares of the predicted one.  is_log: colours
    grow with the logarithm.  errors_only: the diagonal is left out, and shares are of the errors.  has_totals: a last
    row and column with the totals, which take clicks, too (`TOTAL`).  joined_by: the words between the two labels of a
    cell.  columns_title: the axis of the second label.  most: labels drawn whole; of more, the 30 most confused.
    can_zoom: dragging enlarges a part, a double click shows all again.
    """

    mode: Mode = "counts"
    is_log: bool = False
    errors_only: bool = False
    has_totals: bool = False
    joined_by: str = "predicted as"
    columns_title: str = "predicted label"
    most: int = WHOLE_UP_TO
    can_zoom: bool = False


class Cells:
    """The drawn part of the matrix: (S, S) counts, shares and strengths in [0, 1], S drawn labels.

    right: (C,) pictures on the diagonal, also of one that is left out; totals: (rows, columns) sums over all labels.
    """

    def __init__(self, matrix: np.ndarray, names: Sequence[str], shown: np.ndarray, style: Style) -> None:
        part, self.style, self.right = np.ix_(shown, shown), style, np.diag(matrix)[shown]
        counted = matrix - np.diag(np.diag(matrix)) if style.errors_only else matrix
        self.totals, self.n = (counted.sum(axis=1)[shown], counted.sum(axis=0)[shown]), int(counted.sum())
        self.n_right = int(np.trace(matrix))
        shares = np.nan_to_num(row_shares(counted)[part]), np.nan_to_num(row_shares(counted.T).T[part])
        self.counts, self.of_actual, self.of_predicted = counted[part], *shares
        self.names, self.shown = [safe_text(names[position], 40) for position in shown], shown
        self.short_names = [safe_text(names[position], 14) for position in shown]
        self.shares = self.of_predicted if style.mode == "predicted" else self.of_actual
        self.values = self.counts if style.mode == "counts" else self.shares
        self.is_right = np.eye(len(shown), dtype=bool)
        right, wrong = (_strength(self.values, among, style.is_log) for among in (self.is_right, ~self.is_right))
        self.strength = np.where(self.is_right, right, wrong)

    def text(self, row: int, column: int) -> str:
        """Returns the text on a cell, empty without pictures."""
        count = int(self.counts[row, column])
        if not count:
            return ""
        return f"{count:,}" if self.style.mode == "counts" else per_cent(float(self.shares[row, column]))

    def hover(self, row: int, column: int) -> str:
        """Returns the text of a cell under the pointer."""
        actual, predicted, joined_by = self.names[row], self.names[column], self.style.joined_by
        second = f"{joined_by} the same" if row == column else f"{joined_by} <b>{predicted}</b>"
        count = int(self.counts[row, column])
        if row == column and self.style.errors_only:
            return f"label <b>{actual}</b>, {second}: {pictures(int(self.right[row]))}"
        if not count:
            return f"label <b>{actual}</b>, {second}: no pictures"
        if self.style.mode == "predicted":
            return (
                f"label <b>{actual}</b>, {second}: {pictures(count)} "
                f"({per_cent(float(self.of_predicted[row, column]))} of those predicted as {predicted})"
            )
        share = per_cent(float(self.of_actual[row, column]))
        return f"label <b>{actual}</b>, {second}: {pictures(count)} ({share} of {actual})"

    def total_hover(self, row: int, column: int) -> str:
        """Returns the text of a total under the pointer."""
        kind = "errors" if self.style.errors_only else "pictures"
        if row == TOTAL and column == TOTAL:
            return f"all {self.n:,} errors" if self.style.errors_only else f"all {self.n_right:,} right pictures"
        if column == TOTAL:
            return f"all {int(self.totals[0][row]):,} {kind} labelled <b>{self.names[row]}</b>"
        return f"all {int(self.totals[1][column]):,} {kind} {self.style.joined_by} <b>{self.names[column]}</b>"


def _strength(values: np.ndarray, among: np.ndarray, is_log: bool = False) -> np.ndarray:
    """Returns each marked cell's share of the largest value, with a curve that keeps few pictures visible.

    is_log: the logarithm instead, from a thousandth of the largest value on.
    """
    largest = values[among].max(initial=0)
    if not largest:
        return np.zeros(values.shape)
    share = np.clip(values / largest, 0, 1)
    return np.log1p(999 * share) / np.log(1000) if is_log else share**0.6
