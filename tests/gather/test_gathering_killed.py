"""A gathering whose process is killed at any moment and resumed gives the same set as one that nobody disturbed."""

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from curate import store
from curate.catalog import candidates, database, gatherings, images, projects, versions
from curate.catalog.gatherings import NewSearch
from curate.gather.collect import gather
from curate.gather.limits import Limits
from curate.gather.watch import Watch
from tests.gather.web import OpenverseSite, serving

N_RESULTS = 90
GATHER = """
import os, signal, sys, time
from curate.gather.collect import gather
from curate.gather.watch import Watch

def report(message, tallies):
    if sys.argv[2] and message.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

gather(int(sys.argv[1]), Watch(report, lambda: None, lambda: False, time.sleep))
"""


class Deadly(OpenverseSite):
    """Kills whoever asks for the `n_left`th picture from now."""

    def __init__(self, n: int, picture: Callable[[int], bytes]) -> None:
        super().__init__(n, picture)
        self.victim = 0
        self.n_left = 0
        self.lock = threading.Lock()
        for path, answer in list(self.answers.items()):
            if path.startswith("/pictures/"):
                self.answers[path] = self._deadly(answer)

    def _deadly(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
        def answer_or_kill(handler: BaseHTTPRequestHandler) -> None:
            with self.lock:
                self.n_left -= 1
                is_time = self.n_left == 0
            if is_time:
                os.kill(self.victim, signal.SIGKILL)
            answer(handler)

        return answer_or_kill


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[Deadly]:
    from tests.conftest import tiny_picture

    # Every fifth result shows an earlier one's picture again, every seventh is no picture: a round is never enough.
    def picture(number: int) -> bytes:
        if number % 7 == 3:
            return b"<html>gone</html>"
        return tiny_picture(number - 5 if number % 5 == 4 and number > 5 else number, side=32)

    with serving(Deadly(N_RESULTS, picture)) as made:
        yield made  # type: ignore[misc]


@pytest.fixture(autouse=True)
def settings(site: Deadly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_OPENVERSE_URL", site.url)
    monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")


def asked(name: str) -> tuple[int, int]:
    """(project, gathering) of two searches that find the same results, so that they share them out."""
    project_id = projects.create_project(name)
    searches = [NewSearch("cats", "cat", 30, "openverse"), NewSearch("dogs", "dog", 20, "openverse")]
    limits = Limits(min_side_px=8, at_once=8, per_host=4)
    return project_id, gatherings.create_gathering(project_id, "Gather", "Ada", searches, limits.to_json())


def go_on(gathering_id: int) -> None:
    """Do what is left, here."""
    gather(gathering_id, Watch(lambda message, tallies: None, lambda: None, lambda: False, time.sleep))


@functools.cache
def undisturbed() -> tuple[list[Any], list[Any]]:
    """The outcome when nobody kills anything."""
    project_id, gathering_id = asked("whole")
    go_on(gathering_id)
    return outcome(project_id, gathering_id)


def killed_run(site: Deadly, gathering_id: int, message: str, n_left: int) -> int:
    """Exit code of a process that goes on with the gathering, killed at that message or picture."""
    with site.lock:
        site.n_left = n_left or 10**9
        process = subprocess.Popen(
            [sys.executable, "-c", GATHER, str(gathering_id), message], cwd=Path(__file__).parents[2], env=os.environ
        )
        site.victim = process.pid
    exit_code = process.wait(60)
    site.n_left = 10**9
    return exit_code


def outcome(project_id: int, gathering_id: int) -> tuple[list[Any], list[Any]]:
    """What became of every address, and the project's images."""
    rows = [row for search in (0, 1) for row in candidates.first_found(gathering_id, search, 1_000)]
    found = [(row.search, row.url, row.state, row.reason, row.sha) for row in rows]
    rows_of_images = images.image_rows(images.hashes(project_id).image_ids.tolist())
    names = {label.id: label.name for label in projects.labels(project_id)}
    return found, [(each.sha, names[each.label_id], each.split, each.provenance) for each in rows_of_images]


@pytest.mark.parametrize(
    ("message", "n_left"),
    [("", 17), ("", 52), ("Looking for dup", 0), ("Drawing", 0)],
    ids=["in the first round", "after it", "before duplicates", "before the images"],
)
def test_killed_and_resumed_the_result_is_the_same_set(site: Deadly, message: str, n_left: int) -> None:
    killed, killed_gathering = asked("killed")
    assert killed_run(site, killed_gathering, message, n_left) == -signal.SIGKILL
    assert versions.list_versions(killed) == []
    go_on(killed_gathering)
    assert outcome(killed, killed_gathering) == undisturbed()
    tallies = gatherings.tallies(killed_gathering)
    assert [tally.n_kept for tally in tallies.values()] == [30, 20]
    assert all(tally.n_found == tally.n_kept + tally.n_refused + tally.n_spare for tally in tallies.values())
    assert len(versions.list_versions(killed)) == 1
    assert all(store.blob_path(sha).stat().st_size for sha, *_ in outcome(killed, killed_gathering)[1])
    database.engine().dispose()


def test_what_was_fetched_is_not_fetched_again(site: Deadly) -> None:
    _, gathering_id = asked("killed")
    site.asked.clear()
    assert killed_run(site, gathering_id, "Looking for dup", 0) == -signal.SIGKILL
    first = sum(n for path, n in site.asked.items() if path.startswith("/pictures/"))
    go_on(gathering_id)
    again = [path for path, n in site.asked.items() if path.startswith("/pictures/") and n > 1]
    assert first >= 50 and again == []
    assert site.asked.most_common(1)[0][1] == 1  # no page of results was asked for twice, either
    database.engine().dispose()
