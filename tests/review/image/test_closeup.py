"""Everything about one picture: its story in order, what a run thought of it, what a camera wrote, its nearest kin."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from curate import store
from curate.catalog import runs
from curate.embeddings.embed import Recipe
from curate.errors import NotFound
from curate.pictures import exif
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.image import closeup, nearest
from curate.review.image import exif as image_exif

RECIPE = Recipe("pixels", 32, "squish")


def with_run(project: Any) -> int:
    """Id of a run that takes the first image for the other label with 0.7, everything else for its own with 0.9."""
    chosen = runs.training_set(project.id)
    probabilities = np.where(np.arange(2) == chosen.labels[:, None], 0.9, 0.1)
    probabilities[0] = 0.3, 0.7
    run_id = runs.create_run(project.id, {"architecture": "resnet18"}, chosen, None)
    losses = -np.log(probabilities[np.arange(len(chosen.labels)), chosen.labels])
    runs.finish_run(run_id, chosen, losses, probabilities, {})
    np.save(store.run_folder(run_id) / "probabilities.npy", probabilities)
    return run_id


def test_a_pictures_story_is_told_in_order_with_who_and_which_run(either_database: None, small_project: Any) -> None:
    image_id, dogs = small_project.image_ids[0], small_project.label_ids["dogs"]
    run_id = with_run(small_project)
    decide(small_project.id, "ann", [Op(1, (image_id,), "delete")], "client-01", run_id)
    decide(small_project.id, "bob", [Op(1, (image_id,), "relabel", dogs)], "client-02", run_id)
    apply(small_project.id, "cleo")
    details = closeup.find(small_project.id, image_id, run_id)
    assert [(event.by, event.action, event.label_id, event.run, event.version) for event in details.story] == [
        ("Ada", "added", small_project.label_ids["cats"], None, 1),
        ("ann", "delete", None, 1, None),
        ("bob", "relabel", dogs, 1, None),
        ("cleo", "apply", dogs, None, 2),
    ]


def test_what_a_run_thought_names_the_likeliest_labels_and_the_rival(small_project: Any) -> None:
    run_id, (cats, dogs) = with_run(small_project), small_project.label_ids.values()
    thought = closeup.find(small_project.id, small_project.image_ids[0], run_id).thought
    assert thought is not None
    assert thought.top == [(dogs, pytest.approx(0.7)), (cats, pytest.approx(0.3))]
    assert (thought.rival_id, thought.held_out, thought.columns) == (dogs, False, [cats, dogs])
    right = closeup.find(small_project.id, small_project.image_ids[3], run_id).thought
    assert right is not None and (right.rival_id, right.held_out) == (dogs, True)


def test_without_a_run_or_its_file_the_rest_is_told(small_project: Any) -> None:
    run_id = with_run(small_project)
    (store.run_folder(run_id) / "probabilities.npy").unlink()
    for which in (None, run_id):
        details = closeup.find(small_project.id, small_project.image_ids[0], which)
        assert details.thought is None and details.image.file_name == "0.png"


def test_an_image_or_run_of_another_project_is_not_shown(small_project: Any, make_project: Any) -> None:
    other = make_project([("a", "train")], name="others", seed=5)
    with pytest.raises(NotFound, match=f"no image {other.image_ids[0]}"):
        closeup.find(small_project.id, other.image_ids[0], None)
    with pytest.raises(NotFound, match="no run"):
        closeup.find(other.id, other.image_ids[0], with_run(small_project))


def photo(**more: Any) -> bytes:
    """A JPEG with what a camera writes; more: further tags by name."""
    tags = Image.Exif()
    tags[Base.Make], tags[Base.Model] = "Canon", "Canon EOS 5D"
    for name, value in more.items():
        tags[Base[name]] = value
    tags.get_ifd(IFD.Exif).update({Base.ExposureTime: 0.004, Base.FNumber: 2.8, Base.DateTimeOriginal: "2024:05:01"})
    tags.get_ifd(IFD.GPSInfo).update({1: "N", 2: (48.0, 30.0, 0.0), 3: "E", 4: (11.0, 0.0, 36.0)})
    file = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "JPEG", exif=tags)
    return file.getvalue()


def test_what_the_camera_wrote_is_told_in_words() -> None:
    assert image_exif.format_facts(exif(photo(Artist="Ann\x00\n  Lee"))) == [
        ("Camera", "Canon EOS 5D"),
        ("Taken", "2024:05:01"),
        ("Exposure", "1/250 s, f/2.8"),
        ("By", "Ann Lee"),
        ("Place", "48.50000° N, 11.01000° E"),
    ]


def test_a_picture_without_exif_and_senseless_values_say_nothing(picture: Any) -> None:
    assert image_exif.format_facts(exif(picture(1))) == []
    assert image_exif.format_facts({Base.ExposureTime: 0, Base.FNumber: "wide", 0x10001: "N", 0x10002: (1.0, 2.0)}) == [
        ("Exposure", "0 s")
    ]


def test_origin_links_only_to_the_web() -> None:
    known = {
        "title": "A cat",
        "licence": "CC BY",
        "licence_url": "javascript:alert(1)",
        "landing_page": "https://x.org/1",
    }
    assert closeup.origin_of(known) == [
        ("Title", "A cat", ""),
        ("Licence", "CC BY", ""),
        ("Landing page", "https://x.org/1", "https://x.org/1"),
    ]


def test_the_nearest_pictures_are_those_whose_embeddings_point_the_same_way(small_project: Any) -> None:
    """Cats 1 to 3 and dogs 4 to 7 beside cat 0 at (1, 0): angles by hand, each label's average being the origin."""
    places = [(1, 0), (2, 0), (-1, 1), (-1, -1), (0, 1), (0, -1), (3, 0.1), (-3, -0.1)]
    RECIPE.cache().add(small_project.shas, np.array(places, np.float16))
    cats, dogs = small_project.label_ids.values()
    near = nearest.nearest(small_project.id, RECIPE, small_project.shas[0], cats, 4)
    assert [each.file_name for each in near] == ["1.png", "2.png", "3.png"]
    assert [each.similarity for each in near] == pytest.approx([1, -(0.5**0.5), -(0.5**0.5)], abs=0.01)
    near = nearest.nearest(small_project.id, RECIPE, small_project.shas[0], dogs, 4)
    assert near[0].image_id == small_project.image_ids[6] and near[-1].file_name == "7.png"


def test_a_picture_that_no_network_looked_at_has_no_kin_and_large_labels_are_thinned(
    small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cats = small_project.label_ids["cats"]
    assert nearest.nearest(small_project.id, RECIPE, small_project.shas[0], cats, 4) == []
    RECIPE.cache().add(small_project.shas, np.eye(8, 2, dtype=np.float16))
    monkeypatch.setattr(nearest, "MOST", 2)
    near = nearest.nearest(small_project.id, RECIPE, small_project.shas[0], cats, 4)  # every other one: ids 2 and 4
    assert sorted(each.image_id for each in near) == [2, 4]
