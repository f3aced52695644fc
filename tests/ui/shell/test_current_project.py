"""A project's name in the address, and its number as before."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from curate.catalog import projects

ODD = "a&b=c #1 ü/%2F ?x 猫"


def heading(app: AppTest) -> str:
    return str(app.title[0].value).replace("\\", "")


@pytest.mark.parametrize("key", ["name", "number"])
def test_a_project_is_opened_by_its_name_and_by_its_number(open_page: Callable[..., AppTest], key: str) -> None:
    first = projects.create_project(ODD)
    projects.create_project("newer")
    app = open_page(project=ODD if key == "name" else first)
    assert heading(app) == ODD
    links = [link.proto for link in app.get("page_link")]
    assert {parse_qs(link.query_string)["project"][0] for link in links} == {ODD}


def test_a_name_of_digits_comes_before_a_number(open_page: Callable[..., AppTest]) -> None:
    first = projects.create_project("first")
    second = projects.create_project(str(first))
    assert heading(open_page(project=first)) == str(first)
    assert heading(open_page(project=second)) == str(first)


def test_an_address_that_is_neither_says_so(open_page: Callable[..., AppTest]) -> None:
    projects.create_project("another")
    app = open_page("train", project="gone")
    assert app.info[0].value == "The address names a project that is not here (any more)."
