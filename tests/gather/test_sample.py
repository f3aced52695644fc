"""The sample project and its count of what was found."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from curate import store
from curate.catalog import images, projects, versions
from curate.gather import planted, sample
from curate.gather.planted import PlantedCounts
from curate.gather.sample import draw, make_sample
from curate.pictures import open_picture
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def few_digits():
    """Every sixteenth scan: the whole sample takes ten seconds, and one test makes it."""
    digits = load_digits()
    digits.images, digits.target = digits.images[::16], digits.target[::16]
    return digits


@pytest.fixture
def small_sample(few_digits, monkeypatch) -> int:
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: few_digits)
    return make_sample("Ada", ignore)


def test_the_sample_holds_every_digit_and_ninety_things_to_find(monkeypatch):
    results = []
    real = sample.import_folder
    monkeypatch.setattr(sample, "import_folder", lambda *args, **named: results.append(real(*args, **named)))
    project_id = make_sample("Ada", ignore)
    (result,) = results
    project = projects.find_project(project_id)
    assert (project.name, project.is_sample, project.n_images, project.n_labels) == (
        "Handwritten digits",
        True,
        1823,
        10,
    )
    assert project.n_valid == 365
    assert [label.name for label in projects.labels(project_id)] == list(sample.LABELS)
    assert dict(result.refused) == {
        "eight/scan-list.png": "Not a picture in a format that can be read.",
        "five/scan-cut-short.png": "The picture file is cut short.",
    }
    assert len(result.two_labels) == 12
    assert result.n_near_duplicate_groups == 20  # 12 pictures under two labels, 8 copies, and no two digits by chance
    by_kind = {"swapped": (0, 0, 72), "duplicate": (0, 0, 12), "foreign": (0, 0, 6)}
    assert planted.count_found(project_id) == PlantedCounts(0, 0, 90, by_kind)
    digits = load_digits()
    chosen = [images.find_image(project_id, f"scan-{i:04}.png") for i in range(0, 1797, 100)]
    for i, row in zip(range(0, 1797, 100), chosen, strict=True):
        assert (np.asarray(open_picture(store.blob_path(row.sha))) == np.asarray(draw(digits.images[i]))).all()


def test_a_digit_is_drawn_dark_on_light_and_upright():
    scan = np.zeros((8, 8))
    scan[1:7, 2] = 16  # an upright stroke, left of the middle
    pixels = np.asarray(draw(scan).convert("L"))
    assert pixels.shape == (96, 96)
    assert pixels[48, 33] < 60
    assert pixels[48, 70] > 240
    assert pixels[2, 33] > 240


def test_making_it_again_opens_the_one_there_is(small_sample):
    assert make_sample("Bo", ignore) == small_sample
    assert len(versions.list_versions(small_sample)) == 1
    assert not list(store.settings.home().glob("incoming/*"))


def test_an_interrupted_sample_is_finished(few_digits, monkeypatch):
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: few_digits)

    class Stop(Exception):
        pass

    def stop(done: int, _total: int | None, message: str) -> None:
        if (done, message) == (80, "Reading pictures"):
            raise Stop

    with pytest.raises(Stop):
        make_sample("Ada", stop)
    (begun,) = projects.list_projects()
    assert make_sample("Ada", ignore) == begun.id
    assert planted.count_found(begun.id).n_planted == 90


def test_a_project_of_that_name_that_is_not_the_sample_is_left_alone(few_digits, monkeypatch):
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: few_digits)
    own = projects.create_project("Handwritten digits")
    made = make_sample("Ada", ignore)
    assert made != own
    assert projects.find_project(made).name == "Handwritten digits 2"
    assert projects.find_project(own).n_images == 0


def of_kind(project_id: int, kind: str) -> list[tuple[int, int | None]]:
    """(image id, right label's id) of the planted problems of that kind."""
    right = {label.name: label.id for label in projects.labels(project_id)}
    return [
        (image_id, right.get(problem["label"]))
        for image_id, problem in projects.planted(project_id).items()
        if problem["kind"] == kind
    ]


def test_right_decisions_count_at_first_as_waiting_and_once_applied_as_found(small_sample):
    (swapped, right), (other, _), (third, _) = of_kind(small_sample, "swapped")[:3]
    wrong = next(
        label.id
        for label in projects.labels(small_sample)
        if label.id
        not in (right, images.image_rows([other])[0].label_id, dict(of_kind(small_sample, "swapped"))[other])
    )
    duplicate, foreign = of_kind(small_sample, "duplicate")[0][0], of_kind(small_sample, "foreign")[0][0]
    ops = [
        Op(1, (swapped,), "relabel", right),
        Op(2, (other,), "relabel", wrong),
        Op(3, (third,), "keep"),
        Op(4, (duplicate, foreign), "delete"),
    ]
    decisions.decide(small_sample, "Ada", ops, "test")
    by_kind = {"swapped": (0, 1, 72), "duplicate": (0, 1, 12), "foreign": (0, 1, 6)}
    assert planted.count_found(small_sample) == PlantedCounts(0, 3, 90, by_kind)
    applying.apply(small_sample, "Ada")
    by_kind = {"swapped": (1, 0, 72), "duplicate": (1, 0, 12), "foreign": (1, 0, 6)}
    assert planted.count_found(small_sample) == PlantedCounts(3, 0, 90, by_kind)
    applying.restore(small_sample, 1, "Ada")
    assert planted.count_found(small_sample).n_found == 0


def test_everything_found_is_ninety_of_ninety(small_sample):
    ops = [
        Op(n, (image_id,), "relabel" if right else "delete", right)
        for n, (image_id, right) in enumerate(
            of_kind(small_sample, "swapped") + of_kind(small_sample, "duplicate") + of_kind(small_sample, "foreign")
        )
    ]
    decisions.decide(small_sample, "Ada", ops, "test")
    applying.apply(small_sample, "Ada")
    assert planted.count_found(small_sample).n_found == 90


def test_other_projects_have_nothing_planted(small_project):
    assert planted.count_found(small_project.id) == PlantedCounts(0, 0, 0, {})
