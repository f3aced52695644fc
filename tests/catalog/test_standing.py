"""What people have said of images so far: groups, confirmations, and the doubt they were shown."""

import numpy as np
import pytest
from sqlalchemy import update

from curate.catalog import picture_sizes
from curate.catalog.database import writing
from curate.catalog.standing import standing
from curate.catalog.tables.core import Blob, Image
from curate.review.deciding import apply, decisions
from tests.factories import add_doubted_run


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """Both databases."""


def ids(project, *places: int) -> np.ndarray:
    return np.array([project.image_ids[place] for place in places])


def confirm(project, place: int, run_id: int | None) -> None:
    op = decisions.Op(1, (project.image_ids[place],), "keep", None)
    decisions.decide(project.id, "Ada", [op], client=f"test-{place}-{run_id}", run_id=run_id)
    apply.apply(project.id, "Ada")


def test_images_of_a_group_share_its_number_and_others_have_their_own(small_project):
    with writing() as session:
        pair = small_project.image_ids[2:4]
        session.execute(update(Image).where(Image.id.in_(pair)).values(group_id=pair[0]))
    facts = standing(small_project.id, ids(small_project, 0, 1, 2, 3))
    assert facts.groups.tolist() == ids(small_project, 0, 1, 2, 2).tolist()
    assert not facts.is_checked.any()
    assert np.isnan(facts.earlier_doubt).all()


def test_a_confirmed_image_comes_with_the_doubt_that_was_shown(small_project):
    doubt = [0.1, 0.9, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    run_id = add_doubted_run(small_project.id, [(0.5, 0.5)] * 8, doubt)
    confirm(small_project, 1, run_id)
    confirm(small_project, 6, None)  # from the command line: nothing was shown
    facts = standing(small_project.id, ids(small_project, 0, 1, 6))
    assert facts.is_checked.tolist() == [False, True, True]
    assert facts.earlier_doubt[1] == pytest.approx(0.9)
    assert np.isnan(facts.earlier_doubt[[0, 2]]).all()


def test_the_last_of_several_confirmations_counts(small_project):
    for doubt in (0.2, 0.6):
        confirm(small_project, 4, add_doubted_run(small_project.id, [(0.5, 0.5)] * 8, [doubt] * 8))
    assert standing(small_project.id, ids(small_project, 4)).earlier_doubt == pytest.approx([0.6])


def test_nine_of_ten_pictures_are_at_most_as_large_as_the_typical_side(small_project):
    assert picture_sizes.typical_side_px(small_project.id) == 8
    with writing() as session:  # two of eight
        session.execute(update(Blob).where(Blob.sha.in_(small_project.shas[:2])).values(width=300, height=400))
    assert picture_sizes.typical_side_px(small_project.id) == 400
    assert picture_sizes.typical_side_px(small_project.id + 1) == 0
