"""The doubts of a fine-tuned run: embeddings from the cache or computed now, and what the run held out itself."""

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
def looking_ahead(context: JobContext, chosen: runs.TrainingSet) -> Iterator[None]:
    """Embed the pictures, in threads, while the block imports what the training needs; both are done at its end."""
    assert context.project_id is not None
    recipe = recipe_of(quick_look.usual(context.project_id))
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(_look, context, recipe, chosen) if _is_at_hand(recipe) else None
        yield
        if looking:
            looking.result()


def _look(context: JobContext, recipe: Recipe, chosen: runs.TrainingSet) -> None:
    with suppress(CurateError):  # `doubts_of` tries again, and says what is wrong
        _embedded(context, recipe, chosen, PhaseTimer({}))


def _embedded(context: JobContext, recipe: Recipe, chosen: runs.TrainingSet, parts: PhaseTimer) -> np.ndarray:
    return embed(recipe, chosen.shas, parts, lambda done, total: context.step(done, total, "Looking at pictures"))


def doubts_of(
    context: JobContext, chosen: runs.TrainingSet, probabilities: np.ndarray, parts: PhaseTimer
) -> "tuple[Doubted | None, str]":
    """The doubts, or None and one sentence on why there are none; a training is not lost for want of them.

    probabilities: (N, C) of the trained network, of which those of validation images count. Its own features do not:
    it has learnt the wrong labels with the right ones, so that its training images all seem to be well filed.
    """
    from curate.jobs.work import doubts

    assert context.project_id is not None
    recipe = recipe_of(quick_look.usual(context.project_id))
    if not _is_at_hand(recipe):
        return None, (
            f"No doubts were worked out: the weights of `{recipe.architecture}`, which looks at the pictures for them, "
            "are not on this machine. A quick look downloads them, or does without (`pixels`)."
        )
    held_out = np.where(chosen.is_valid[:, None], probabilities, np.nan)

    def on_progress(text: str, share: float) -> None:
        context.step(round(100 * share), 100, text)

    try:
        embeddings = _embedded(context, recipe, chosen, parts)
        with parts.timed("doubting"):
            kept = thorough_evidence.find(context.project_id, chosen)
            if kept is None:
                return doubts.doubt(context.project_id, chosen, recipe.name, embeddings, on_progress, held_out), ""
            both = np.nanmean([kept.probabilities, held_out], axis=0)
            return doubts.doubt(
                context.project_id, chosen, "thorough", kept.embeddings, on_progress, both, kept.dynamics
            ), ""
    except CurateError as error:
        return None, f"No doubts were worked out. {error} {error.hint}".strip()


def _is_at_hand(recipe: Recipe) -> bool:
    return recipe.architecture == architectures.PIXELS or architectures.find_weights(recipe.architecture) is not None
