"""The doubts of a run: what its images' embeddings say of their labels."""

from dataclasses import dataclass
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
    """What the evidence says (`assessment`), and the same as the catalog stores it."""

    assessment: Assessment
    doubts: runs.Doubts


def doubt(
    project_id: int,
    chosen: runs.TrainingSet,
    sight: str,
    embeddings: np.ndarray,
    on_progress: OnProgress,
    fine_tuned: np.ndarray | None = None,
    dynamics: np.ndarray | None = None,
) -> Doubted:
    """Doubts of every image, begun from the project's last ones on the same sight; `chosen` may be of any version.

    sight: names what made the embeddings, (N, D); fine_tuned, dynamics: as `assess` takes them.
    """
    said = standing(project_id, chosen.image_ids)
    kept = _kept(project_id, sight)
    # Many small products of matrices: beside other busy programs two threads took 31 s of processor time, one takes 2.
    with threadpool_limits(1):
        found = assess.assess(
            embeddings,
            chosen.labels,
            len(chosen.label_ids),
            chosen.is_valid,
            said.groups,
            said.is_checked,
            warm_start.read(kept, embeddings, chosen.image_ids, chosen.label_ids),
            fine_tuned,
            dynamics,
            on_progress,
        )
    warm_start.write(kept, found, chosen.image_ids, chosen.label_ids)
    return Doubted(found, _as_rows(found, chosen, said))


def _kept(project_id: int, sight: str) -> Path:
    return store.cache_folder("heads") / f"{project_id}-{sight}.npz"


def _as_rows(found: Assessment, chosen: runs.TrainingSet, said: Standing) -> runs.Doubts:
    is_other = found.suggested != chosen.labels
    return runs.Doubts(
        doubt=found.doubt,
        suggested=np.where(is_other, found.suggested, -1),
        p_suggested=found.p_suggested,
        suggests_delete=found.suggests_delete & ~said.is_checked,
        uncertainty=found.uncertainty,
        asks_again=confirmed.asks_again(found.doubt, said.earlier_doubt, is_other, found.p_suggested, said.is_checked),
    )
