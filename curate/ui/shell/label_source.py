"""One switch for which labels predictions are held against: as trained, today's, or confirmed ones only."""

from curate.catalog.projects import ProjectSummary
from curate.review.reports.evaluated import AS_TRAINED, SOURCES, labels_in_words
from curate.review.reports.run_comparison import Report
from curate.ui.shell import query_params

ADDRESS = "labels"
_HELP = (
    "*As trained*: the labels that the run learnt from. *Today*: those of the newest version, without what went to the "
    "bin. *Confirmed*: of today's only those that a person kept or put right."
)


def choose_labels(default: str = AS_TRAINED) -> str:
    """Which labels the predictions are held against (of `SOURCES`); the address keeps it."""
    return query_params.choose("Labels", SOURCES, "labels_choice", ADDRESS, default, _HELP)


def in_words_of(report: Report, project: ProjectSummary) -> str:
    """Returns the labels of a comparison with their version; as trained are those of its first run."""
    return labels_in_words(report.source, report.before.version_number, project.version_number)
