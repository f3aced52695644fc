"""Keys of labels: one character each, none twice, none that the grid needs itself."""

import re
from pathlib import Path

import pytest

from curate.catalog import label_keys, projects
from curate.errors import BadInput, NotFound

KEYS_JS = Path(label_keys.__file__).parents[1] / "ui" / "components" / "grid" / "script" / "keys.js"


def keys(project):
    return {label.name: label.key for label in projects.labels(project.id)}


def test_keys_are_set_together_and_taken_away_together(small_project):
    cats, dogs = small_project.label_ids.values()
    label_keys.set_keys(small_project.id, {cats: "Q", dogs: "é"})
    assert keys(small_project) == {"cats": "q", "dogs": "é"}
    label_keys.set_keys(small_project.id, {dogs: "q"})
    assert keys(small_project) == {"cats": None, "dogs": "q"}
    label_keys.set_keys(small_project.id, {})
    assert keys(small_project) == {"cats": None, "dogs": None}


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (("q", "Q"), "The key “q” is given to two labels."),
        (("D", "q"), "The key “d” means something else in the grid already."),
        (("", "q"), "A label's key is one character, not ''."),
        (("qq", "w"), "A label's key is one character, not 'qq'."),
        (("\n", "w"), "A label's key is one character"),
    ],
)
def test_a_key_that_cannot_be_is_refused_and_nothing_changes(small_project, chosen, sentence):
    with pytest.raises(BadInput, match=re.escape(sentence)):
        label_keys.set_keys(small_project.id, dict(zip(small_project.label_ids.values(), chosen, strict=True)))
    assert keys(small_project) == {"cats": None, "dogs": None}


def test_another_projects_label_gets_no_key(small_project):
    with pytest.raises(NotFound, match="The project has no label with number 999."):
        label_keys.set_keys(small_project.id, {999: "q"})


def test_the_keys_taken_are_those_that_the_grid_answers_to():
    key_lists = re.findall(r"(?:keys: |new Set\()\[([^\]]*)\]", KEYS_JS.read_text(encoding="utf-8"))
    named = {key for keys in key_lists for key in re.findall(r'"([^"]*)"', keys)}
    assert {key for key in named if len(key) == 1} == set(label_keys.TAKEN)
