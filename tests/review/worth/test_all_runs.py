from curate.review.deciding import apply
from curate.review.deciding.decisions import Op, decide
from curate.review.worth.all_runs import MANY_LOOKS, find_points, looks_in_words
from tests.factories import add_run

CAT = (0.9, 0.1)


def test_each_run_names_all_versions_since_the_run_before(make_project):
    project = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid")])
    add_run(project.id, [CAT] * 6)
    for place, message in enumerate(("one", "two")):
        decide(project.id, "Ada", [Op(1, (project.image_ids[place],), "keep")], f"test-{place}")
        apply.apply(project.id, "Ada", message)
    assert find_points(project.id) == []
    for _ in range(2):
        add_run(project.id, [CAT] * 6)
    first, second, third = find_points(project.id)
    assert [one.run.number for one in (first, second, third)] == [1, 2, 3]
    assert (second.message, third.message) == ("one; two", "")
    assert first.accuracy.value == 0.5 and first.accuracy.low < 0.5 < first.accuracy.high


def test_many_looks_are_warned_of():
    assert looks_in_words(1) == "The validation pictures have been looked at by 1 training."
    assert "better by luck" in looks_in_words(MANY_LOOKS) and "luck" not in looks_in_words(MANY_LOOKS - 1)
