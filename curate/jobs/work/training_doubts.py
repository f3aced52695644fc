"""The doubts of a fine-tuned run, from embeddings and from the run's predictions of its validation images."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np

from curate.catalog import runs
from curate.embeddings.embed import Recipe, embed, recipe_of
from curate.errors import CurateError
from curate.jobs.context import JobContext
from curate.jobs.submit import quick_look
from curate.jobs.work import thorough_evidence
from curate.training.networks import architectures
from curate.training.phase_timer import PhaseTimer

if TYPE_CHECKING:
    from curate.jobs.work.doubts import Doubted


@contextmanager
def embedding_ahead(context: JobContext, chosen: runs.TrainingSet) -> Iterator[None]:
    """Embeds the pictures in threads while the block imports what the training needs; both end with the block."""
    assert context.project_id is not None
    recipe = recipe_of(quick_look.usual(context.project_id))
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(_try_embedding, context, recipe, chosen) if _is_local(recipe) else None
        yield
        if looking:
            looking.result()


def _try_embedding(context: JobContext, recipe: Recipe, chosen: runs.TrainingSet) -> None:
    with suppress(CurateError):  # `doubts_of` tries again, and reports the error
        _embed(context, recipe, chosen, PhaseTimer({}))


def _embed(context: JobContext, recipe: Recipe, chosen: runs.TrainingSet, timer: PhaseTimer) -> np.ndarray:
    return embed(recipe, chosen.shas, timer, lambda done, total: context.step(done, total, "Looking at pictures"))


def doubts_of(
    context: JobContext,
    chosen: runs.TrainingSet,
    probabilities: np.ndarray,
    timer: PhaseTimer,
    held_out: np.ndarray | None = None,
) -> "tuple[Doubted | None, str]":
    """Returns the doubts, or None and a sentence on why there are none; the training counts without them.

    probabilities: (N, C) of the trained network, NaN = not known; only those of images that it had not seen are used:
    it has learnt the wrong labels too, so that its training images all seem right. held_out: (N,) bool, those images;
    None = the validation images.
    """
    from curate.jobs.work import doubts

    assert context.project_id is not None
    recipe = recipe_of(quick_look.usual(context.project_id))
    if not _is_local(recipe):
        return None, (
            f"No doubts were worked out: the weights of `{recipe.architecture}`, which looks at the pictures for them, "
            "are not on this machine. A quick look downloads them, or does without (`pixels`)."
        )
    is_unseen = chosen.is_valid if held_out is None else held_out
    unseen = np.where(is_unseen[:, None], probabilities, np.nan)

    def on_progress(text: str, share: float) -> None:
        context.step(round(100 * share), 100, text)

    try:
        embeddings = _embed(context, recipe, chosen, timer)
        with timer.timed("doubting"):
            evidence = thorough_evidence.find(context.project_id, chosen)
            if evidence is None:
                return doubts.doubt(context.project_id, chosen, recipe.name, embeddings, on_progress, unseen), ""
            both = np.nanmean([evidence.probabilities, unseen], axis=0)
            return doubts.doubt(
                context.project_id, chosen, "thorough", evidence.embeddings, on_progress, both, evidence.dynamics
            ), ""
    except CurateError as error:
        return None, f"No doubts were worked out. {error} {error.hint}".strip()


def _is_local(recipe: Recipe) -> bool:
    return recipe.architecture == architectures.PIXELS or architectures.find_weights(recipe.architecture) is not None
