"""Computes the doubts of a run from its images' embeddings."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from curate import store
from curate.catalog import runs
from curate.catalog.standing import Standing, standing
from curate.doubts import assess, confirmed, warm_start
from curate.doubts.assessment import Assessment
from curate.progress import OnProgress


@dataclass(frozen=True)
class Doubted:
    """An assessment, and the same as the catalog stores it."""

    assessment: Assessment
    doubts: runs.Doubts


def doubt(
    project_id: int,
    chosen: runs.TrainingSet,
    embedding_name: str,
    embeddings: np.ndarray,
    on_progress: OnProgress,
    fine_tuned: np.ndarray | None = None,
    dynamics: np.ndarray | None = None,
) -> Doubted:
    """Computes the doubt of every image, warm-started from the project's last assessment of such embeddings.

    embedding_name: the recipe of the (N, D) embeddings.  fine_tuned, dynamics: as `assess` takes them.
    """
    facts = standing(project_id, chosen.image_ids)
    path = _warm_start_path(project_id, embedding_name)
    # Many small matrix products: beside other busy programs two threads took 31 s of processor time, one takes 2 s.
    with threadpool_limits(1):
        assessment = assess.assess(
            embeddings,
            chosen.labels,
            len(chosen.label_ids),
            chosen.is_valid,
            facts.groups,
            facts.is_checked,
            warm_start.read(path, embeddings, chosen.image_ids, chosen.label_ids),
            fine_tuned,
            dynamics,
            on_progress,
        )
    warm_start.write(path, assessment, chosen.image_ids, chosen.label_ids)
    return Doubted(assessment, _as_doubts(assessment, chosen, facts))


def _warm_start_path(project_id: int, embedding_name: str) -> Path:
    return store.cache_folder("heads") / f"{project_id}-{embedding_name}.npz"


def _as_doubts(assessment: Assessment, chosen: runs.TrainingSet, facts: Standing) -> runs.Doubts:
    """Returns what the catalog stores: fields of the same name as they are, those that depend on people computed."""
    is_other = assessment.suggested != chosen.labels
    computed = {
        "suggested": np.where(is_other, assessment.suggested, -1),
        "suggests_delete": assessment.suggests_delete & ~facts.is_checked,
        "asks_again": confirmed.asks_again(
            assessment.doubt, facts.earlier_doubt, is_other, assessment.p_suggested, facts.is_checked
        ),
    }
    copied = {each.name: getattr(assessment, each.name) for each in fields(runs.Doubts) if each.name not in computed}
    return runs.Doubts(**copied, **computed)
