"""What stands beside every number on Evaluate: how many pictures, of which split, under which labels."""

from curate.catalog.projects import ProjectSummary
from curate.evaluation import pictures
from curate.review.reports.evaluated import Evaluated, labels_in_words
from curate.ui.shell import query_params

SPLITS = {"valid": "Validation", "train": "Training"}


def choose_split() -> str:
    """Whether the page is about held-out pictures (the default) or those learnt from; the address keeps it."""
    why = "Validation pictures were held out: the model never learnt from them, so they tell how good it is."
    return query_params.choose("Pictures", SPLITS, "split_choice", "split", "valid", why)


def describe(evaluated: Evaluated, project: ProjectSummary) -> str:
    """Returns the number of pictures, their split, and the labels with their version."""
    split = SPLITS[evaluated.split].lower()
    n = pictures(evaluated.n).replace(" ", f" {split} ")
    return f"{n}, {labels_in_words(evaluated.source, evaluated.run.version_number, project.version_number)}"
