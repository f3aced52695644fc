"""The epoch table: one entry per column, with its heading, format, help and chart. No torch here: pages read it.

A new column needs its entry here, its value in `fitting.callbacks`, and a column of `EpochMetric` with a migration.
"""

from dataclasses import MISSING, dataclass, field, fields, replace
from types import NoneType
from typing import Any, get_args


@dataclass(frozen=True)
class Column:
    """One column: heading, Streamlit's number format ("duration": seconds as text), help.

    chart: the title of the axis of the chart that draws it, "" = none; curve: its name beside the curve.
    is_optional: early runs did not store it, so it is hidden where no epoch has it.
    """

    heading: str
    number_format: str = ""
    help: str = ""
    chart: str = ""
    curve: str = ""
    name: str = ""
    is_optional: bool = False


def _column(heading: str, number_format: str = "", default: Any = MISSING, **entry: Any) -> Any:
    metadata = {"column": Column(heading, number_format, **entry)}
    return field(default=default, metadata=metadata, kw_only=default is not MISSING or heading == "Time")


_LOSS, _ACCURACY = "loss (lower is better)", "validation accuracy"


@dataclass(frozen=True)
class EpochRow:
    """One line of the table a notebook prints: epoch counts from 1 over frozen and unfrozen ones together.

    train_loss is fastai's smoothed one; valid_loss, accuracy and error_rate are over all validation pictures.
    learning_rate: of the last layers in the last batch; images_per_s: while learning, without the validation;
    memory_mb: the most that was in use in this epoch (see `memory`). phase: "frozen": only the head learns;
    "unfrozen": everything does.
    """

    epoch: int = _column("Epoch", "%d")
    phase: str = _column("Phase")
    train_loss: float = _column(
        "Train loss", "%.4f", help="Mean loss on what it learns from.", chart=_LOSS, curve="training"
    )
    valid_loss: float = _column(
        "Valid loss", "%.4f", help="Mean loss on the pictures held out.", chart=_LOSS, curve="validation"
    )
    accuracy: float = _column("Accuracy", "percent", help="Share of held-out pictures it got right.", chart=_ACCURACY)
    error_rate: float = _column("Error rate", "percent")
    learning_rate: float | None = _column(
        "Learning rate", "scientific", None, help="Of the last layers, at the epoch's end."
    )
    images_per_s: float | None = _column("Images/s", "%.0f", None, help="While learning.")
    memory_mb: float | None = _column("Memory", "%.0f MB", None, help="The most that was in use.")
    seconds: float = _column("Time", "duration")


def _columns() -> dict[str, Column]:
    return {
        each.name: replace(each.metadata["column"], name=each.name, is_optional=NoneType in get_args(each.type))
        for each in fields(EpochRow)
    }


COLUMNS = _columns()
CHARTS = tuple(dict.fromkeys(column.chart for column in COLUMNS.values() if column.chart))
