"""The job that makes a ledger: embeddings and split stay, and the quick look's head is fitted with other labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate import store
from curate.catalog import projects, runs, versions
from curate.catalog.runs import RunRow
from curate.embeddings.embed import Recipe, embed, recipe_of
from curate.embeddings.quick_look_head import MOST_FITTED, points_of
from curate.embeddings.refit import LEFT_OUT, Refits
from curate.errors import BadInput
from curate.evaluation import ledger as ledgers
from curate.evaluation.ledger import NOT_FITTED, Steps
from curate.jobs.context import JobContext
from curate.jobs.submit import quick_look
from curate.review.reports.run_comparison import compare_runs, near_duplicates
from curate.review.worth import ledger as stored
from curate.review.worth import made_decisions, repeats
from curate.review.worth.made_decisions import Change
from curate.training import saved_model
from curate.training.phase_timer import PhaseTimer
from curate.training.settings.config import TrainConfig


@dataclass(frozen=True)
class _Images:
    """N images with blob names and label positions."""

    ids: np.ndarray
    shas: list[str]
    labels: np.ndarray


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"n", "gain"}: decisions, and the change of accuracy. args: {"before", "after": ids of the runs}."""
    before, after = (runs.find_run(context.args[side]) for side in ("before", "after"))
    stored.check_pair(before, after)
    made = make(before, after, context)
    stored.write(before, after, made)
    return {"n": made.n_decisions, "gain": made.whole.value}


def make(before: RunRow, after: RunRow, context: JobContext) -> stored.Ledger:
    """Returns the ledger of two runs. Raises BadInput without decisions between them, or shared held-out images."""
    changes = made_decisions.find_changes(before.project_id, before.version_number, after.version_number)
    if not any(change.is_decision for change in changes):
        raise BadInput(f"No decision lies between {before.name} and {after.name}.")
    names = [label.name for label in projects.labels(before.project_id)]
    train, valid = _images(before, after, {change.image_id for change in changes})
    recipe, points, others = _points(context, after, train, valid)
    context.step(0, None, "Fitting with other labels")
    refits = Refits(points, train.labels, len(names), others)
    steps = _steps(changes, train, before.project_id)
    curve = ledgers.curve(refits.predict, valid.labels, train.labels, steps, len(names))
    groups = near_duplicates(valid.ids)
    parts = [
        ledgers.part(refits.predict, valid.labels, steps, is_in, groups, kind, name)
        for kind, name, is_in in _parts(changes, steps, names, before.project_id)
    ]
    return stored.Ledger(
        version_id=versions.head_id(before.project_id),
        recipe=f"{recipe.architecture} at {recipe.size_px} px",
        n_train=len(train.ids),
        n_valid=len(valid.ids),
        n_fitted=int((steps.is_decision & (steps.rows != NOT_FITTED)).sum()),
        whole=ledgers.part(refits.predict, valid.labels, steps, steps.is_decision, groups, "all", "").effect,
        points=curve,
        parts=[part for part in parts if part.n],
    )


def _images(before: RunRow, after: RunRow, changed: set[int]) -> tuple[_Images, _Images]:
    """Returns the training images under the labels before, and the compared validation images under today's.

    A training image that only the newer run knows has its label throughout. Of more than 8,000 training images those
    that were decided on and others at random are taken.
    """
    position = {label.id: place for place, label in enumerate(projects.labels(before.project_id))}
    known: dict[int, tuple[str, int]] = {}
    for run in (after, before):  # the older run's labels win
        chosen = repeats.training_set_of(run)
        for row in np.flatnonzero(~chosen.is_valid).tolist():
            known[int(chosen.image_ids[row])] = chosen.shas[row], position[chosen.label_ids[chosen.labels[row]]]
        shas = dict(zip(chosen.image_ids.tolist(), chosen.shas, strict=True))
    ids = np.array(sorted(known), np.int64)
    if len(ids) > MOST_FITTED:
        is_changed = np.isin(ids, list(changed))
        shuffled = np.random.default_rng(0).permutation(np.flatnonzero(~is_changed))
        kept = shuffled[: max(0, MOST_FITTED - int(is_changed.sum()))]
        ids = np.sort(np.concatenate([ids[is_changed], ids[kept]]))
    train = _Images(ids, [known[key][0] for key in ids.tolist()], np.array([known[key][1] for key in ids.tolist()]))
    valid_ids = compare_runs(before, after).image_ids
    if not len(valid_ids):
        raise BadInput("There are no validation images that both runs have seen.")
    today, _ = runs.todays_labels(valid_ids)
    labels = np.array([position[label_id] for label_id in today.tolist()])
    return train, _Images(valid_ids, [shas[key] for key in valid_ids.tolist()], labels)


def _points(
    context: JobContext, after: RunRow, train: _Images, valid: _Images
) -> tuple[Recipe, np.ndarray, np.ndarray]:
    """Returns the frozen features, those of a quick look where the newer run is one: of training and other images."""
    is_quick = repeats.is_quick(after)
    config = TrainConfig.from_json(after.config) if is_quick else quick_look.usual(after.project_id)
    recipe = recipe_of(config)
    embeddings = embed(
        recipe,
        [*train.shas, *valid.shas],
        PhaseTimer({}),
        lambda done, total: context.step(done, total, "Looking at pictures"),
    )
    if is_quick:
        head = saved_model.read_weights(store.run_folder(after.id))
        points = points_of(embeddings, head["mean"], head["matrix"])
    else:
        from curate.doubts import projection

        fitted = projection.fit(embeddings)
        points = points_of(embeddings, fitted.mean, fitted.matrix)
    return recipe, points[: len(train.ids)], points[len(train.ids) :]


def _steps(changes: list[Change], train: _Images, project_id: int) -> Steps:
    row_of = {image_id: row for row, image_id in enumerate(train.ids.tolist())}
    position = {label.id: place for place, label in enumerate(projects.labels(project_id))}
    return Steps(
        rows=np.array([row_of.get(change.image_id, NOT_FITTED) for change in changes]),
        labels=np.array([LEFT_OUT if one.label_id is None else position[one.label_id] for one in changes]),
        minutes=np.array(made_decisions.minutes(changes)),
        is_decision=np.array([change.is_decision for change in changes]),
    )


def _parts(
    changes: list[Change], steps: Steps, names: list[str], project_id: int
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields kind, name and (M,) bool of each part; decisions on other than training images are in none."""
    id_of = {label.name: label.id for label in projects.labels(project_id)}
    ways: list[tuple[str, list[Any], dict[Any, str]]] = [
        ("action", [change.action for change in changes], {"relabel": "Relabels", "delete": "Deletions"}),
        ("version", [change.version_number for change in changes], {}),
        ("reviewer", [change.reviewer for change in changes], {}),
        ("label", [change.old_label_id for change in changes], {id_of[name]: name for name in names}),
    ]
    fitted = steps.is_decision & (steps.rows != NOT_FITTED)
    for kind, values, titles in ways:
        of_fitted = {value for value, is_in in zip(values, fitted.tolist(), strict=True) if is_in}
        for value in sorted(of_fitted & titles.keys() if titles else of_fitted):
            yield kind, str(titles.get(value, value)), fitted & np.array([other == value for other in values])
