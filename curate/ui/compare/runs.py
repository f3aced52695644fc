"""The two runs of the comparison and their report, cached for each state of the project."""

from functools import cached_property

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from curate import settings
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.errors import CurateError
from curate.evaluation import Side, most_confused_labels
from curate.evaluation.training_noise import TrainingNoise
from curate.review.reports.evaluated import TODAY
from curate.review.reports.run_comparison import Report, compare_runs, last_before, pair_around_cleaning
from curate.review.worth import repeats
from curate.review.worth.provenance import Provenance, find_provenance
from curate.ui import charts
from curate.ui.charts.confusion_matrix import SHOWN_OF_MORE
from curate.ui.charts.matrix_cells import WHOLE_UP_TO
from curate.ui.shell import guards, run_picker

BEFORE, AFTER = "before", "after"  # run ids in the address
FEW_LABELS = 15
SMALL_PX = 440  # height of two matrices side by side, which are half as wide


def choose_pair(finished: list[RunRow]) -> tuple[RunRow, RunRow]:
    """Returns two finished runs: those of the URL, else the pair around the newest change of labels."""
    _, first_after = pair_around_cleaning(finished)
    left, right = st.columns(2)
    with right:
        after = run_picker.choose(finished, AFTER, "After", finished.index(first_after))
    with left:
        before = run_picker.choose(finished, BEFORE, "Before", finished.index(last_before(finished, after)))
    return before, after


def find_report(project: ProjectSummary, before: RunRow, after: RunRow, source: str = TODAY) -> "DrawnReport":
    """Returns the report on both under labels of a source; when they cannot be compared, shows why and stops."""
    try:
        seeds = repeats.repeats_key(before, after)
        return _report(settings.database_url(), project.version_number, before, after, seeds, source)
    except CurateError as error:
        guards.show_error(error)
        st.stop()


class DrawnReport:
    """A report with its figures, each drawn when first shown: drawing takes ten times as long as the rest.

    All visitors share it: nobody may change a figure.
    """

    def __init__(self, report: Report, noise: TrainingNoise | None = None) -> None:
        self.report = report
        self.noise = noise
        self.comparison = report.comparison
        self.names = [label.name for label in report.labels]
        self.runs = report.before.name, report.after.name

    @cached_property
    def provenance(self) -> Provenance | None:
        """How much of the change is the pictures', the labels' and the model's; None without shared pictures."""
        return find_provenance(self.report)

    @cached_property
    def accuracy(self) -> go.Figure:
        """Both accuracies with their intervals."""
        return charts.accuracy_change(self.comparison.before.accuracy, self.comparison.after.accuracy, self.runs)

    @cached_property
    def balance(self) -> go.Figure:
        """Images per label, before and after."""
        return charts.label_balance_change(self.names, *(self._per_label(counts) for counts in self._counts()))

    @cached_property
    def recall(self) -> go.Figure:
        """The change of each label's recall; with many labels only of those that changed."""
        labels = self.comparison.labels
        return charts.recall_change(labels[labels["recall_change"] != 0] if self.n_still else labels)

    @property
    def n_still(self) -> int:
        """Labels that `recall` leaves out since they did not change."""
        labels = self.comparison.labels
        return int((labels["recall_change"] == 0).sum()) if len(labels) > FEW_LABELS else 0

    @cached_property
    def losses(self) -> go.Figure:
        """The histogram of losses, before and after."""
        return charts.loss_histogram(self.comparison.before.losses, self.comparison.after.losses, self.runs)

    @cached_property
    def matrices(self) -> tuple[go.Figure, go.Figure]:
        """Both confusion matrices, of the labels `shown`."""
        return self._matrix(self.comparison.before), self._matrix(self.comparison.after)

    @cached_property
    def shown(self) -> np.ndarray:
        """Positions of the labels in both matrices: all, or the most confused ones of too many."""
        if len(self.names) <= WHOLE_UP_TO:
            return np.arange(len(self.names))
        return most_confused_labels(self.comparison.before.matrix + self.comparison.after.matrix, SHOWN_OF_MORE)

    def _matrix(self, side: Side) -> go.Figure:
        part = side.matrix[np.ix_(self.shown, self.shown)]
        figure = charts.confusion_figure(part, [self.names[position] for position in self.shown])
        if len(self.shown) <= FEW_LABELS:
            figure.update_layout(height=min(figure.layout.height, SMALL_PX))
        return figure

    def _counts(self) -> tuple[dict[str, dict[str, int]], ...]:
        return self.report.counts_before, self.report.counts_after

    def _per_label(self, counts: dict[str, dict[str, int]]) -> np.ndarray:
        return np.array([sum(counts.get(str(label.id), {}).values()) for label in self.report.labels])


# At a million images a report takes 1.2 s. It depends on nothing but the two runs, whose scores never change, and the
# labels of the head version, and on the repeats: all that is the key (an underscore's name would not be part of it).
@st.cache_resource(max_entries=8, show_spinner="Comparing …", hash_funcs={RunRow: lambda run: run.id})
def _report(
    database: str, version: int, before: RunRow, after: RunRow, seeds: tuple[tuple[int, ...], ...], source: str
) -> DrawnReport:
    report = compare_runs(before, after, source=source)
    return DrawnReport(report, repeats.find_noise(report))
