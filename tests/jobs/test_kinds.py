"""The table of job kinds: every kind says all that the screen, the runtime and the command line need."""

from datetime import timedelta
from typing import Any

import pytest

from curate import jobs
from curate.catalog import jobs as rows
from curate.catalog.tables.core import now
from curate.jobs import client
from curate.jobs.kinds import KINDS, describe, job_kinds, kinds_where, work_of
from curate.ui.shell.navigation import PLACES


def ended(kind: str, result: dict[str, Any] | None = None) -> jobs.JobRow:
    """A job that took 65 seconds; its kind need not be one that can be queued."""
    began_at = now() - timedelta(seconds=65)
    row: dict[str, Any] = dict.fromkeys(jobs.JobRow.__dataclass_fields__)
    times = {"created_at": began_at, "started_at": began_at, "finished_at": now()}
    return jobs.JobRow(**row | times | {"id": 7, "kind": kind, "status": "done", "result": result, "progress": {}})


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_names_its_function_its_pages_and_what_it_offers(name: str) -> None:
    kind = KINDS[name]
    assert callable(work_of(name))
    assert kind.noun and kind.title and kind.offer
    assert kind.pages and {*kind.pages, *kind.panels} <= PLACES.keys()
    assert set(kind.ways_to_cancel) <= set(client.WAYS_TO_CANCEL)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_a_sentence_for_a_job_that_ended_even_with_an_empty_result(name: str) -> None:
    sentence = describe(ended(name)).outcome(ended(name))
    assert sentence.endswith(".") and len(sentence) > 5


def test_a_refit_is_shown_like_every_other_kind() -> None:
    refit = describe(ended("refit"))
    assert (refit.pages[-1], refit.offer) == ("curate", "Go on reviewing")
    assert refit.outcome(ended("refit")) == "Done in 1 min 5 s."


@pytest.mark.parametrize(
    ("kind", "result", "sentence"),
    [
        ("import", {"n_added": 3, "n_known": 2, "n_duplicates": 1, "refused": [["a", "b"]]},
         "3 pictures added, 2 known already, 1 duplicate, 1 refused."),
        ("gather", {"n_kept": 1, "n_refused": 1_200, "is_open": True}, "1 picture kept, 1,200 refused, not finished."),
        ("quality", {"issues": {"near_duplicate": 4, "blurry": 1}}, "4 near-duplicates, 1 blurry."),
        ("quality", {"issues": {"near_duplicate": 0, "dark": 0}}, "No near-duplicates."),
        ("map", {"n": 2_500}, "2,500 pictures on the map."),
        ("find_rate", {"suggestions": {"valley": 0.00123}}, "fastai suggests a rate of 1.2e-03."),
        ("write_back", {"files": {"done": 2, "left": 1}}, "2 files moved, 1 left alone."),
        ("bulk", {"keep": 39, "silent": 2}, "39 kept, 2 without a suggestion; nothing changes before you apply."),
        ("combinations", {"n": 2}, "2 combinations of slices held."),
        ("columns", None, "Done in 1 min 5 s."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_the_job_brought(kind: str, result: dict[str, Any] | None, sentence: str) -> None:
    assert KINDS[kind].outcome(ended(kind, result)) == sentence


def test_duplicates_are_not_offered_where_a_look_found_none() -> None:
    has_result = KINDS["quality"].has_result
    assert has_result(ended("quality", {"issues": {"near_duplicate": 4}}))
    assert not has_result(ended("quality", {"issues": {"near_duplicate": 0, "exact_duplicate": 0, "blurry": 3}}))


def test_a_job_of_a_kind_that_this_version_does_not_know_is_shown_too() -> None:
    row = ended("of next year")
    assert describe(row).outcome(row) == "Done in 1 min 5 s."
    assert rows.list_jobs() == []


def test_kinds_for_tests_come_from_the_module_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "rehearsal" in job_kinds() and "rehearsal" not in KINDS
    monkeypatch.delenv("CURATE_JOB_KINDS")
    assert job_kinds() == KINDS


def test_a_page_shows_the_running_jobs_of_the_kinds_that_name_it() -> None:
    assert kinds_where(lambda kind: "gather" in kind.panels) == ("import", "gather", "preview", "sample")
    assert kinds_where(lambda kind: kind.makes_run) == ("train", "quick")
