"""Submits the job in which a run predicts the unlabelled images: after the run, and once more for new images."""

import numpy as np

from curate.catalog import jobs as rows
from curate.catalog import projects
from curate.catalog.runs import RunRow
from curate.jobs import client
from curate.review.labelling import inbox, run_predictions
from curate.review.labelling.pictures import MOST_UNLABELLED

KIND = "predict_unlabelled"


def ensure(run: RunRow, by: str) -> int | None:
    """Returns the id of the job that is open or was submitted now; None when nothing is left to predict.

    A job that failed is not submitted again by itself. A project without unlabelled images costs one small query.
    """
    if not run.has_model or not projects.find_project(run.project_id).n_unlabelled or not is_behind(run):
        return None
    earlier = [job for job in rows.list_jobs(run.project_id) if job.kind == KIND and job.args.get("run_id") == run.id]
    if earlier and earlier[0].is_open:
        return earlier[0].id
    if earlier and earlier[0].status != "done":
        return None
    return client.enqueue(KIND, run.project_id, {"run_id": run.id}, submitted_by=by)


def is_behind(run: RunRow) -> bool:
    """Whether there are unlabelled images that the run has not predicted, up to 200,000."""
    made, image_ids = run_predictions.find(run.id), inbox.of_project(run.project_id).image_ids
    if made is None:
        return bool(len(image_ids))
    is_new = ~np.isin(image_ids, made.image_ids, assume_unique=True)
    return bool(is_new.any()) and int((~is_new).sum()) < MOST_UNLABELLED
