import hashlib

import numpy as np
import pytest

from curate import store
from curate.catalog import runs
from curate.embeddings import quick_look, quick_look_head
from curate.embeddings.embed import Recipe
from curate.review.reports.taught_by import find_teachers
from curate.training.settings.config import TrainConfig
from tests.factories import add_run, open_page

RECIPE = Recipe("pixels", 32, "squish")
CONFIG = TrainConfig(method="quick_look", architecture="pixels", size_px=32, resize="squish")
# Eight cats lie along the first axis, eight dogs along the second; the last cat lies among the dogs.
ENTRIES = [(label, "train") for label in ("cats", "dogs") for _ in range(8)] + [("cats", "valid")] * 2
AMONG_DOGS, ASKED, USUAL = 7, 16, 17


def embeddings() -> np.ndarray:
    rng = np.random.default_rng(1)
    rows = rng.normal(0, 0.05, (len(ENTRIES), 4))
    rows[:8, 0] += 1
    rows[8:16, 1] += 1
    rows[[AMONG_DOGS, ASKED]] += [-1, 1, 0, 0]
    rows[ASKED] = rows[AMONG_DOGS] + 0.01  # just beside the cat among the dogs
    rows[USUAL, 0] += 1
    return rows.astype(np.float16)


@pytest.fixture
def quick(make_project):
    """(project, run, shas) of a quick look, the asked picture being a held-out cat beside the dogs."""
    project = make_project(ENTRIES)
    chosen = runs.training_set(project.id)
    rows, train = embeddings(), ~chosen.is_valid
    RECIPE.cache().add(chosen.shas, rows)
    mean, matrix = rows[train].mean(axis=0).astype(np.float32), np.eye(4, dtype=np.float32)
    head = quick_look_head.fit(mean, matrix, rows[train], chosen.labels[train], 2)
    run_id = runs.create_run(project.id, CONFIG.to_json(), chosen, None)
    probabilities = head.predict(rows)
    metrics = {"accuracy": 1.0, "n_train": 16, "n_valid": 2}
    quick_look.write(store.run_folder(run_id), chosen.label_names, CONFIG, head.parameters(), probabilities, metrics)
    losses = -np.log(probabilities[np.arange(len(rows)), chosen.labels])
    runs.finish_run(run_id, chosen, losses, probabilities, {"device": "CPU"})
    return project, runs.find_run(run_id), chosen.shas


def test_the_pictures_that_pulled_hardest_are_those_beside_it(quick):
    project, run, shas = quick
    cats, dogs = project.label_ids["cats"], project.label_ids["dogs"]
    taught = find_teachers(run, RECIPE, shas[ASKED], cats)
    assert taught is not None and taught.is_exact and taught.n == 16
    assert (taught.predicted_id, taught.label_id) == (dogs, cats)
    assert {teacher.label_id for teacher in taught.towards} == {dogs} and len(taught.towards) == 5
    strongest = taught.against[0]
    assert strongest.image_id == project.image_ids[AMONG_DOGS] and strongest.pull < 0
    # Without the one cat that speaks for it the answer is even surer of a dog.
    assert strongest.new_label_id == dogs and strongest.after < taught.p_label
    assert taught.towards[0].new_label_id == cats and taught.towards[0].after > taught.p_label


def test_relabelling_is_what_a_new_fit_would_say(quick):
    project, run, shas = quick
    cats = project.label_ids["cats"]
    taught = find_teachers(run, RECIPE, shas[ASKED], cats)
    assert taught is not None
    rows, labels = embeddings(), np.repeat([0, 1], 8)
    labels[project.image_ids.index(taught.towards[0].image_id)] = 0
    mean, matrix = rows[:16].mean(axis=0).astype(np.float32), np.eye(4, dtype=np.float32)
    again = quick_look_head.fit(mean, matrix, rows[:16], labels, 2)
    before = quick_look_head.fit(mean, matrix, rows[:16], np.repeat([0, 1], 8), 2)
    same_temperature = quick_look_head.QuickHead(mean, matrix, again.points, again.solved, before.temperature)
    assert taught.towards[0].after == pytest.approx(same_temperature.predict(rows[[ASKED]])[0, 0], abs=1e-3)


def test_a_right_answer_is_held_against_the_next_best_label(quick):
    project, run, shas = quick
    cats, dogs = project.label_ids["cats"], project.label_ids["dogs"]
    taught = find_teachers(run, RECIPE, shas[USUAL], cats)
    assert taught is not None and (taught.predicted_id, taught.label_id) == (cats, dogs)


def test_another_run_has_a_stand_in_and_says_so(quick):
    project, _, shas = quick
    other = runs.find_run(add_run(project.id, [(0.5, 0.5)] * len(ENTRIES)))
    taught = find_teachers(other, RECIPE, shas[ASKED], project.label_ids["cats"])
    assert taught is not None and not taught.is_exact and taught.network == "pixels"
    assert taught.against[0].image_id == project.image_ids[AMONG_DOGS]


def test_a_head_of_other_pictures_is_not_taken_for_the_runs_own(quick):
    project, run, shas = quick
    folder = store.cache_folder("embeddings") / RECIPE.name
    for file in folder.iterdir():
        file.unlink()
    RECIPE.cache().add(shas, embeddings()[::-1].copy())
    taught = find_teachers(run, RECIPE, shas[ASKED], project.label_ids["cats"])
    assert taught is not None and not taught.is_exact


def test_without_embeddings_there_is_nothing_to_show(quick):
    project, run, _ = quick
    unknown = hashlib.sha256(b"unknown").hexdigest()
    assert find_teachers(run, RECIPE, unknown, project.label_ids["cats"]) is None
    elsewhere = Recipe("pixels", 48, "squish")
    assert find_teachers(run, elsewhere, unknown, project.label_ids["cats"]) is None


def test_the_page_shows_both_sides_and_offers_to_review_them(quick):
    project, run, _ = quick
    app = open_page("evaluate", project=project.id, run=run.id, panel="taught", outcome="wrong")
    texts = [element.value for element in [*app.markdown, *app.caption]]
    assert "**Pulled hardest towards dogs**" in texts and "**Pulled hardest towards cats**" in texts
    assert any("a sum over its 16 training pictures" in text.replace("\\", "") for text in texts)
    app.button(key="review_teachers").click().run()
    assert "picked" in app.query_params
