"""The quick look: cached embeddings, heads that predict held-out images, and a run like any other.

The same job refits after an apply. Then all embeddings exist, so it needs no torch, and it starts from the last heads.
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

if TYPE_CHECKING:  # imported while threads embed pictures, see `_import_doubts`
    from curate.embeddings.quick_look_head import QuickHead
    from curate.jobs.work.doubts import Doubted


@dataclass(frozen=True)
class _Look:
    """The result: doubts, a head fitted on the training images only, and (N, C) probabilities.

    Those of validation images are the head's, those of training images are of heads that did not see them.
    """

    doubted: "Doubted"
    head: "QuickHead"
    probabilities: np.ndarray
    losses: np.ndarray
    accuracy: float


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"run_id", "accuracy"}. args: {"config": TrainConfig as JSON, "experiment_id": of its experiment}."""
    if context.project_id is None:
        raise BadInput("A quick look needs a project.")
    config = TrainConfig.from_json(context.args["config"]).validated()
    seconds: dict[str, float] = {}
    timer = PhaseTimer(seconds)
    timer.add("starting", _age_s(context))
    chosen = runs.training_set(context.project_id)
    experiment_id = context.args.get("experiment_id")
    run_id = runs.create_run(context.project_id, config.to_json(), chosen, context.job_id, experiment_id)
    try:
        look = _look(context, chosen, config, timer)
    except Cancelled:
        shutil.rmtree(store.run_folder(run_id))
        raise
    with timer.timed("storing"):
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
    """Returns the seconds since the job was queued."""
    return (now() - rows.find_job(context.job_id).created_at).total_seconds()


def _look(context: JobContext, chosen: runs.TrainingSet, config: TrainConfig, timer: PhaseTimer) -> _Look:
    assert context.project_id is not None
    recipe = recipe_of(config)
    embeddings = embed(
        recipe,
        chosen.shas,
        timer,
        lambda done, total: context.step(done, total, "Looking at pictures"),
        _import_doubts,
    )
    from curate.doubts import projection
    from curate.embeddings import quick_look_head

    with timer.timed("doubting"):
        doubted = _doubted(context, chosen, config, recipe, embeddings)
    valid = chosen.is_valid
    # A thorough look's doubts use other embeddings than the model for predictions.
    made = projection.fit(embeddings) if config.thorough else doubted.assessment.heads.projection
    with timer.timed("fitting"):
        # Fitted on the labels as given, not on the cleaned ones, which depend on validation labels. On 2,527 photos a
        # linear head fitted on cleaned labels seemed right on 0.80 of the validation images, an honest one on 0.76.
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
    """Returns the doubts by the quick look's embeddings, or by a thorough look's evidence, which a refit reuses."""
    from curate.jobs.work import doubts

    assert context.project_id is not None
    project_id = context.project_id

    def on_progress(text: str, share: float) -> None:
        context.step(round(100 * share), 100, text)

    is_refit = rows.find_job(context.job_id).kind == quick_look.REFIT
    evidence = thorough_evidence.find(project_id, chosen) if config.thorough and is_refit else None
    if config.thorough and not is_refit:
        evidence = thorough_evidence.make(project_id, chosen, config.resize, on_progress)
    if evidence is None:
        return doubts.doubt(project_id, chosen, recipe.name, embeddings, on_progress)
    return doubts.doubt(
        project_id, chosen, "thorough", evidence.embeddings, on_progress, evidence.probabilities, evidence.dynamics
    )


def _import_doubts() -> None:
    """Import what the doubts need, for 4 s, while threads decode and embed the pictures."""
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
