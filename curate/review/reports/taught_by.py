"""Which training pictures taught a run its answer for one picture, and what it becomes when one is relabelled."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import select

from curate import settings, store
from curate.catalog import runs
from curate.catalog.database import reading
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Image
from curate.catalog.versions import batches
from curate.embeddings.cache import EmbeddingCache
from curate.embeddings.embed import Recipe
from curate.embeddings.quick_look_head import MOST_FITTED, QuickHead, points_of
from curate.embeddings.representers import (
    MOST_OF_STAND_IN,
    Relabelling,
    fitted_rows,
    probabilities,
    pulls,
    stand_in,
)
from curate.errors import CurateError
from curate.review.listing import score_columns
from curate.training import saved_model

N_SHOWN = 5  # on each side
FEWEST = 10  # training pictures with embeddings, below which nothing is shown
_SAME = 0.98  # cosine of a point and the picture that it should be


@dataclass(frozen=True)
class Teacher:
    """A training picture.

    pull: what it adds to the score of the predicted label over that of the other one; scores are about 0 to 1.
    new_label_id: the label that it is relabelled to in `after`, the probability of the picture's own label then.
    after_label_id: the label predicted then.
    """

    image_id: int
    sha: str
    file_name: str
    label_id: int
    pull: float
    new_label_id: int
    after: float
    after_label_id: int


@dataclass(frozen=True)
class TaughtBy:
    """The strongest training pictures behind an answer.

    predicted_id: the label predicted.  label_id: the one that it is held against: the picture's own, or the second
    most probable one where that is predicted.  p_label, p_predicted: their probabilities.  towards, against: strongest
    first.  is_exact: the run's own head; else one on the embeddings of `network` that stands in for the run.
    n: training pictures summed over.
    """

    predicted_id: int
    label_id: int
    p_predicted: float
    p_label: float
    towards: list[Teacher]
    against: list[Teacher]
    is_exact: bool
    network: str
    n: int


@dataclass(frozen=True)
class _Model:
    """A head and the pictures it was fitted on: (M,) image ids and (M,) label positions, in the order of its points."""

    head: QuickHead
    image_ids: np.ndarray
    labels: np.ndarray
    is_exact: bool


def find_teachers(run: RunRow, recipe: Recipe, sha: str, label_id: int) -> TaughtBy | None:
    """Returns what taught the run its answer for a picture with this label; None where embeddings are missing.

    recipe: of the embeddings; for a quick look its own.
    """
    cache = EmbeddingCache(store.cache_folder("embeddings") / recipe.name)
    model = _find_model(settings.database_url(), run.id, recipe)
    if model is None or label_id not in run.label_ids or not cache.has([sha])[0]:
        return None
    embedding = cache.read([sha])[0].astype(np.float32)
    answer = probabilities(model.head, embedding)
    order = np.argsort(-answer, kind="stable")
    predicted, own = int(order[0]), run.label_ids.index(label_id)
    other = int(order[1]) if own == predicted else own
    strength = pulls(model.head, embedding, predicted, other)
    towards = np.argsort(-strength, kind="stable")[:N_SHOWN]
    against = np.argsort(strength, kind="stable")[:N_SHOWN]
    relabelling = Relabelling(model.head, embedding)
    with_pull, without = (
        _teachers(run, model, strength, rows[strength[rows] * sign > 0], relabelling, (predicted, other), own)
        for rows, sign in ((towards, 1), (against, -1))
    )
    return TaughtBy(
        run.label_ids[predicted], run.label_ids[other], float(answer[predicted]), float(answer[other]),
        with_pull, without, model.is_exact, recipe.architecture, len(strength),
    )  # fmt: skip


def _teachers(
    run: RunRow, model: _Model, strength: np.ndarray, rows: np.ndarray, relabelling: Relabelling,
    rivals: tuple[int, int], own: int,
) -> list[Teacher]:  # fmt: skip
    """Returns these training pictures; each is relabelled to the one of the two rivals that it does not have."""
    facts = _facts(model.image_ids[rows].tolist())
    teachers = []
    for row in rows.tolist():
        label, image_id = int(model.labels[row]), int(model.image_ids[row])
        new = rivals[1] if label != rivals[1] else rivals[0]
        after = relabelling.probabilities(row, label, new)
        sha, file_name = facts.get(image_id, ("", ""))
        if sha:
            teachers.append(
                Teacher(
                    image_id, sha, file_name, run.label_ids[label], float(strength[row]), run.label_ids[new],
                    float(after[own]), run.label_ids[int(after.argmax())],
                )
            )  # fmt: skip
    return teachers


@lru_cache(maxsize=2)
def _find_model(_database: str, run_id: int, recipe: Recipe) -> _Model | None:
    run = runs.find_run(run_id)
    columns = score_columns.of_run(run_id)
    is_trained = ~columns.is_valid
    position = {label_id: place for place, label_id in enumerate(run.label_ids)}
    image_ids = columns.image_ids[is_trained]
    labels = np.array([position[label_id] for label_id in columns.labels[is_trained].tolist()], np.int64)
    cache = EmbeddingCache(store.cache_folder("embeddings") / recipe.name)
    if run.config.get("method") == "quick_look":
        exact = _own_head(run, cache, image_ids, labels)
        if exact is not None:
            return exact
    return _stand_in(cache, image_ids, labels, len(run.label_ids))


def _own_head(run: RunRow, cache: EmbeddingCache, image_ids: np.ndarray, labels: np.ndarray) -> _Model | None:
    """Returns the run's head; None unless its points are the run's training pictures."""
    try:
        head = QuickHead(**saved_model.read_weights(store.run_folder(run.id)))
    except (CurateError, TypeError):  # its files were removed, or an older version wrote a linear head
        return None
    rows = fitted_rows(len(labels))
    if len(rows) != len(head.points) or len(rows) > MOST_FITTED:
        return None
    image_ids, labels = image_ids[rows], labels[rows]
    shas = _facts(image_ids[:3].tolist())
    known = [(place, shas[image_id][0]) for place, image_id in enumerate(image_ids[:3].tolist()) if image_id in shas]
    if not known or not cache.has([sha for _, sha in known]).all():
        return None
    points = points_of(cache.read([sha for _, sha in known]), head.mean, head.matrix)
    cosines = (points * head.points[[place for place, _ in known]]).sum(axis=1)
    return _Model(head, image_ids, labels, True) if (cosines > _SAME).all() else None


def _stand_in(cache: EmbeddingCache, image_ids: np.ndarray, labels: np.ndarray, n_labels: int) -> _Model | None:
    drawn = np.sort(np.random.default_rng(0).permutation(len(labels))[:MOST_OF_STAND_IN])
    facts = _facts(image_ids[drawn].tolist())
    rows = [row for row in drawn.tolist() if int(image_ids[row]) in facts]
    shas = [facts[int(image_ids[row])][0] for row in rows]
    has = cache.has(shas) if shas else np.zeros(0, bool)
    if has.sum() < FEWEST:
        return None
    kept = np.array(rows)[has]
    embeddings = cache.read([sha for sha, is_there in zip(shas, has, strict=True) if is_there]).astype(np.float32)
    return _Model(stand_in(embeddings, labels[kept], n_labels), image_ids[kept], labels[kept], False)


def _facts(image_ids: list[int]) -> dict[int, tuple[str, str]]:
    """Returns {image id: (blob name, file name)} of those that are not erased."""
    facts: dict[int, tuple[str, str]] = {}
    with reading() as session:
        for batch in batches(image_ids, 5_000):
            query = select(Image.id, Image.blob_sha, Image.file_name)
            rows = session.execute(query.where(Image.id.in_(batch), Image.state != "erased"))
            facts |= {image_id: (sha, name) for image_id, sha, name in rows}
    return facts
