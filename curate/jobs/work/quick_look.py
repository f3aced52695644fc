"""The quick look: embeddings from the cache, heads that did not see what they predict, and a run like any other.

The same job refits after an apply: with every embedding there it needs no torch, and goes on from the last heads.
"""

import importlib
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curate import store
from curate.catalog import jobs as rows
from curate.catalog import runs
from curate.catalog.tables.core import now
from curate.embeddings import quick_look as embeddings_quick_look
from curate.embeddings.embed import Recipe, embed, recipe_of
from curate.errors import BadInput
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.submit import quick_look
from curate.jobs.work import thorough_evidence
from curate.review.listing import score_columns
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig

if TYPE_CHECKING:  # imported while other threads look at pictures, see `_import_the_rest`
    from curate.embeddings.quick_look_head import QuickHead
    from curate.jobs.work.doubts import Doubted


@dataclass(frozen=True)
class _Look:
    """What came out: the doubts; the head, fitted on the training images alone; and (N, C) probabilities, of validation
    images by that head, of training images by heads that did not see them."""

    doubted: "Doubted"
    head: "QuickHead"
    probabilities: np.ndarray
    losses: np.ndarray
    accuracy: float


def run(context: JobContext) -> dict[str, Any]:
    """{"run_id", "accuracy"}. args: {"config": TrainConfig as JSON, "experiment_id": its experiment's}."""
    if context.project_id is None:
        raise BadInput("A quick look needs a project.")
    config = TrainConfig.from_json(context.args["config"]).validated()
    seconds: dict[str, float] = {}
    parts = PhaseTimer(seconds)
    parts.add("starting", _age_s(context))
    chosen = runs.training_set(context.project_id)
    experiment_id = context.args.get("experiment_id")
    run_id = runs.create_run(context.project_id, config.to_json(), chosen, context.job_id, experiment_id)
    try:
        look = _look(context, chosen, config, parts)
    except Cancelled:
        shutil.rmtree(store.run_folder(run_id))
        raise
    with parts.timed("storing"):
        _keep(run_id, chosen, config, look)
    facts = {"device": "CPU", "seconds": _age_s(context), "facts": {"seconds": seconds}}
    all_held_out = np.ones(len(chosen.labels), bool)
    runs.finish_run(run_id, chosen, look.losses, look.probabilities, facts, all_held_out, look.doubted.doubts)
    score_columns.build(run_id)
    _write_graph(context, run_id)
    return {"run_id": run_id, "accuracy": look.accuracy}


def _write_graph(context: JobContext, run_id: int) -> None:
    """Unless torch would have to be loaded for it alone: then it is written on first use."""
    from curate.jobs.work import graph
    from curate.onnx_graph.write import needs_torch

    if "torch" in sys.modules or not needs_torch(store.run_folder(run_id)):
        context.report(0, None, "Writing the model's graph")
        graph.write(run_id)


def _age_s(context: JobContext) -> float:
    """Seconds since somebody asked for it."""
    return (now() - rows.find_job(context.job_id).created_at).total_seconds()


def _look(context: JobContext, chosen: runs.TrainingSet, config: TrainConfig, parts: PhaseTimer) -> _Look:
    assert context.project_id is not None
    recipe = recipe_of(config)
    embeddings = embed(
        recipe,
        chosen.shas,
        parts,
        lambda done, total: context.step(done, total, "Looking at pictures"),
        _import_the_rest,
    )
    from curate.doubts import projection
    from curate.embeddings import quick_look_head

    with parts.timed("doubting"):
        doubted = _doubted(context, chosen, config, recipe, embeddings)
    valid = chosen.is_valid
    # A thorough look's doubts stand on other embeddings than the model that is kept for predicting.
    made = projection.fit(embeddings) if config.thorough else doubted.assessment.heads.projection
    with parts.timed("fitting"):
        # As they are labelled, not as the doubting heads believe: those have seen the validation labels. On 2,527
        # photos a linear head fitted on their guesses seemed right on 0.80 of the validation images, an honest on 0.76.
        labels, n_labels = chosen.labels[~valid], len(chosen.label_ids)
        head = quick_look_head.fit(made.mean, made.matrix, embeddings[~valid], labels, n_labels)
        probabilities = doubted.assessment.probabilities.astype(np.float32)
        probabilities[valid] = head.predict(embeddings[valid])
    own = probabilities[np.arange(len(chosen.labels)), chosen.labels]
    is_right = probabilities.argmax(axis=1) == chosen.labels
    return _Look(doubted, head, probabilities, -np.log(np.maximum(own, 1e-12)), float(is_right[valid].mean()))


def _doubted(
    context: JobContext, chosen: runs.TrainingSet, config: TrainConfig, recipe: Recipe, embeddings: np.ndarray
) -> "Doubted":
    """The doubts by the quick look's own embeddings, or by a thorough look's evidence: a refit takes what is kept."""
    from curate.jobs.work import doubts

    assert context.project_id is not None
    project_id = context.project_id

    def on_progress(text: str, share: float) -> None:
        context.step(round(100 * share), 100, text)

    is_refit = rows.find_job(context.job_id).kind == quick_look.REFIT
    found = thorough_evidence.find(project_id, chosen) if config.thorough and is_refit else None
    if config.thorough and not is_refit:
        found = thorough_evidence.make(project_id, chosen, config.resize, on_progress)
    if found is None:
        return doubts.doubt(project_id, chosen, recipe.name, embeddings, on_progress)
    return doubts.doubt(
        project_id, chosen, "thorough", found.embeddings, on_progress, found.probabilities, found.dynamics
    )


def _import_the_rest() -> None:
    """4 s of importing, during which the pictures are decoded and looked at."""
    for name in ("curate.jobs.work.doubts", "curate.embeddings.quick_look_head", "cleanlab.filter", "pandas"):
        importlib.import_module(name)


def _keep(run_id: int, chosen: runs.TrainingSet, config: TrainConfig, look: _Look) -> None:
    from curate.doubts import stored

    folder = store.run_folder(run_id)
    metrics = {
        "accuracy": look.accuracy,
        "n_train": int((~chosen.is_valid).sum()),
        "n_valid": int(chosen.is_valid.sum()),
    }
    embeddings_quick_look.write(folder, chosen.label_names, config, look.head.parameters(), look.probabilities, metrics)
    stored.write(folder, look.doubted.assessment)
