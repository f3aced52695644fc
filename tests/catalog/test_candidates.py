"""Results of searches: what is fetched, and what is refused since it came before."""

from curate.catalog import candidates, gatherings, projects
from curate.catalog.candidates import FOUND_TWICE, OTHER_LABEL, Found
from curate.catalog.gatherings import NewSearch

SEARCHES = [NewSearch("cats", "cat", 0, "urls"), NewSearch("dogs", "dog", 0, "urls")]


def gathering(project_id: int) -> int:
    return gatherings.create_gathering(project_id, "Two labels", "Ada", SEARCHES, {})


def test_an_address_under_a_second_label_is_refused_with_the_first_ones_name() -> None:
    number = gathering(projects.create_project("Pets"))
    one, two = Found("https://a.org/1"), Found("https://a.org/2")
    assert candidates.add_found(number, 0, [one, one], 2, is_exhausted=True) == 1
    assert candidates.add_found(number, 1, [one, two], 2, is_exhausted=True) == 1
    assert list(candidates.refused(number)) == [
        ("cats", one.url, FOUND_TWICE, ""),
        ("dogs", one.url, OTHER_LABEL, "cats"),
    ]
