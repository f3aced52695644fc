"""All charts of the app, as Plotly figures in one style; `show` puts one on a page."""

from curate.ui.charts.base import safe_text, show
from curate.ui.charts.change import accuracy_change, label_balance, label_balance_change, recall_change
from curate.ui.charts.confusion_matrix import confusion_figure, read_cell
from curate.ui.charts.learning import epoch_charts, loss_histogram, probability_bars
from curate.ui.charts.matrix_cells import TOTAL, Style
from curate.ui.charts.predictions import confidence_histogram, predicted_counts
from curate.ui.charts.review_progress import error_curve

__all__ = [
    "TOTAL",
    "Style",
    "accuracy_change",
    "confidence_histogram",
    "confusion_figure",
    "epoch_charts",
    "error_curve",
    "label_balance",
    "label_balance_change",
    "loss_histogram",
    "predicted_counts",
    "probability_bars",
    "read_cell",
    "recall_change",
    "safe_text",
    "show",
]
