"""Apply, restore and empty the bin: whole versions or none, and every version comes back."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from curate import store
from curate.catalog import database, images, projects, versions
from curate.errors import BadInput, CurateError, NotFound
from curate.review.deciding import apply as applying
from curate.review.deciding import decisions
from curate.review.deciding.decisions import Op

REPOSITORY = Path(__file__).parents[3]


def decide(made, *ops: tuple[str, tuple[int, ...], int | None]) -> None:
    number = decisions.revision(made.id)
    decisions.decide(
        made.id, "Ada", [Op(number + n, ids, action, label) for n, (action, ids, label) in enumerate(ops)], "a"
    )


def state(project_id: int, image_ids: list[int]) -> dict[int, tuple[int, str]]:
    return {row.id: (row.label_id, row.state) for row in images.image_rows(image_ids)}


def test_what_was_decided_after_the_preview_waits_for_the_next_version(small_project):
    c1, c2, c3, *_ = small_project.image_ids
    decide(small_project, ("delete", (c1, c2), None))
    seen = decisions.revision(small_project.id)
    decide(small_project, ("keep", (c2,), None), ("delete", (c3,), None))
    assert decisions.waiting(small_project.id, seen).n_delete == 1
    applying.apply(small_project.id, "Bo", up_to=seen)
    states = {image_id: kept for image_id, (_, kept) in state(small_project.id, [c1, c2, c3]).items()}
    assert states == {c1: "binned", c2: "active", c3: "active"}
    left = decisions.waiting(small_project.id)
    assert (left.n_keep, left.n_delete) == (1, 1)


def test_applying_takes_every_waiting_decision_into_one_version(small_project):
    cats, dogs = small_project.label_ids.values()
    c1, c2, c3, c4, d1, *_ = small_project.image_ids
    decide(small_project, ("relabel", (c1, c4), dogs), ("delete", (c2, d1), None), ("keep", (c3,), None))
    version_id = applying.apply(small_project.id, "Bo")
    newest = versions.list_versions(small_project.id)[0]
    assert (newest.id, newest.number, newest.kind, newest.author) == (version_id, 2, "apply", "Bo")
    assert newest.message == "2 deleted, 2 relabelled, 1 kept"
    assert newest.summary == {"delete": 2, "relabel": 2, "keep": 1}
    assert newest.counts == {str(cats): {"train": 1}, str(dogs): {"train": 3, "valid": 2}}
    now = state(small_project.id, small_project.image_ids)
    assert [now[image_id] for image_id in (c1, c2, c3, d1)] == [
        (dogs, "active"), (cats, "binned"), (cats, "active"), (dogs, "binned"),
    ]  # fmt: skip
    rows = {row.id: row for row in images.image_rows(small_project.image_ids)}
    assert all(row.decision is None and row.decided_by is None for row in rows.values())
    assert {image_id for image_id, row in rows.items() if row.checked_at} == {c1, c3, c4}
    assert decisions.waiting(small_project.id).total == 0


def test_the_split_of_an_image_outlives_every_version(small_project):
    before = {row.id: row.split for row in images.image_rows(small_project.image_ids)}
    decide(small_project, ("relabel", tuple(small_project.image_ids), small_project.label_ids["dogs"]))
    applying.apply(small_project.id, "Ada")
    assert {row.id: row.split for row in images.image_rows(small_project.image_ids)} == before


def test_a_message_of_ones_own_is_kept(small_project):
    decide(small_project, ("delete", (small_project.image_ids[0],), None))
    applying.apply(small_project.id, "Ada", "  No more <b>blurred</b> ones ")
    assert versions.list_versions(small_project.id)[0].message == "No more <b>blurred</b> ones"


def test_nothing_to_apply_is_said_and_makes_no_version(small_project):
    with pytest.raises(BadInput, match="No decision waits to be applied."):
        applying.apply(small_project.id, "Ada")
    assert len(versions.list_versions(small_project.id)) == 1


def test_of_two_who_apply_at_once_one_makes_the_version(small_project):
    decide(small_project, ("delete", (small_project.image_ids[0],), None))
    outcomes: list[object] = []

    def apply() -> None:
        try:
            outcomes.append(applying.apply(small_project.id, "Ada"))
        except BadInput as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=apply) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(versions.list_versions(small_project.id)) == 2
    assert sorted(map(str, outcomes))[1:] == ["No decision waits to be applied."] * 3


def test_restoring_a_version_brings_labels_and_deleted_images_back(small_project):
    cats, dogs = small_project.label_ids.values()
    c1, c2, *_ = small_project.image_ids
    decide(small_project, ("relabel", (c1,), dogs), ("delete", (c2,), None))
    applying.apply(small_project.id, "Ada")
    assert applying.n_binned(small_project.id) == 1
    applying.restore(small_project.id, 1, "Bo")
    assert set(state(small_project.id, small_project.image_ids).values()) == {(cats, "active"), (dogs, "active")}
    first, newest = versions.find_version(small_project.id, 1), versions.list_versions(small_project.id)[0]
    assert (newest.number, newest.kind, newest.message, newest.counts) == (
        3,
        "restore",
        "Restored version 1",
        first.counts,
    )
    assert newest.summary == {"restored": 1, "changed": 2}
    applying.restore(small_project.id, 2, "Bo")
    now = state(small_project.id, [c1, c2])
    assert now == {c1: (dogs, "active"), c2: (cats, "binned")}


def test_images_that_came_in_after_a_version_go_to_the_bin_with_its_return_and_come_back(small_project):
    images.add_blobs([images.NewBlob("f" * 64, 1, 1, 1, "PNG", bytes(32))])
    images.add_images(small_project.id, [images.NewImage("f" * 64, "mice", "f.png", "train")], "Ada", "More", [])
    new = images.find_image(small_project.id, "f.png").id
    applying.restore(small_project.id, 1, "Ada")
    assert images.image_rows([new])[0].state == "binned"
    applying.restore(small_project.id, 2, "Ada")
    assert images.image_rows([new])[0].state == "active"


def test_a_label_that_a_restore_takes_back_no_longer_counts_as_checked(small_project):
    c1, c2, *_ = small_project.image_ids
    decide(small_project, ("relabel", (c1,), small_project.label_ids["dogs"]), ("keep", (c2,), None))
    applying.apply(small_project.id, "Ada")
    applying.restore(small_project.id, 1, "Ada")
    assert [row.checked_at is not None for row in images.image_rows([c1, c2])] == [False, True]
    applying.restore(small_project.id, 2, "Ada")  # and counts again when it comes back
    assert [row.checked_at is not None for row in images.image_rows([c1, c2])] == [True, True]


def test_a_decision_that_waits_outlives_a_restore(small_project):
    c1, c2, *_ = small_project.image_ids
    decide(small_project, ("delete", (c1,), None))
    applying.apply(small_project.id, "Ada")
    decide(small_project, ("delete", (c2,), None))
    applying.restore(small_project.id, 1, "Ada")
    assert decisions.waiting(small_project.id).n_delete == 1


def test_what_restoring_would_do_is_what_it_does(small_project):
    c1, c2, c3, *_ = small_project.image_ids
    decide(small_project, ("relabel", (c1,), small_project.label_ids["dogs"]), ("delete", (c2, c3), None))
    applying.apply(small_project.id, "Ada")
    assert applying.preview_restore(small_project.id, 1) == applying.WayBack(1, 2, 0)
    assert applying.preview_restore(small_project.id, 2).total == 0
    applying.restore(small_project.id, 1, "Ada")
    assert applying.preview_restore(small_project.id, 2) == applying.WayBack(1, 0, 2)
    with pytest.raises(NotFound, match="The project has no version 9."):
        applying.preview_restore(small_project.id, 9)


def test_restoring_what_is_there_already_or_was_never_there_is_said(small_project):
    with pytest.raises(BadInput, match="Version 1 is how the project stands already."):
        applying.restore(small_project.id, 1, "Ada")
    for number in (0, 2, -1):
        with pytest.raises(NotFound, match=f"The project has no version {number}."):
            applying.restore(small_project.id, number, "Ada")
    assert len(versions.list_versions(small_project.id)) == 1


def test_emptying_the_bin_erases_the_picture_and_what_was_made_from_it(small_project):
    c1, c2, *_ = small_project.image_ids
    sha = small_project.shas[0]
    thumbnail = store.thumbnail_path(sha)
    size = store.blob_path(sha).stat().st_size + thumbnail.stat().st_size
    decide(small_project, ("delete", (c1,), None))
    applying.apply(small_project.id, "Ada")
    assert store.has_blob(sha)
    assert applying.empty_bin(small_project.id, "Ada") == (1, size)
    assert not store.has_blob(sha)
    assert not thumbnail.exists()
    assert store.has_blob(small_project.shas[1])
    assert applying.n_binned(small_project.id) == 0
    newest = versions.list_versions(small_project.id)[0]
    assert (newest.kind, newest.message, newest.summary) == ("erase", "Emptied the bin: 1 images erased", {"erased": 1})
    with pytest.raises(BadInput, match="The bin is empty."):
        applying.empty_bin(small_project.id, "Ada")
    with pytest.raises(BadInput):
        applying.restore(small_project.id, 1, "Ada")  # the erased one was all that differed
    assert images.image_rows([c1])[0].state == "erased"


def test_a_picture_that_another_project_or_label_shows_outlives_the_bin(small_project, make_project):
    make_project([("cats", "train")], name="other")  # the same first picture
    decide(small_project, ("delete", tuple(small_project.image_ids[:2]), None))
    applying.apply(small_project.id, "Ada")
    n_images, n_bytes = applying.empty_bin(small_project.id, "Ada")
    assert n_images == 2
    assert n_bytes > 0
    assert [store.has_blob(sha) for sha in small_project.shas[:2]] == [True, False]


def test_ten_thousand_decisions_are_one_version_and_one_restore(make_project):
    made = make_project([("cats", "train")])
    blobs = [images.NewBlob(f"{n:064x}", 1, 1, 1, "PNG", bytes(32)) for n in range(10_000)]
    images.add_blobs(blobs)
    images.add_images(made.id, [images.NewImage(b.sha, "cats", "x", "train") for b in blobs], "Ada", "Many", ["dogs"])
    dogs = projects.find_label(made.id, "dogs")
    ids = tuple(images.hashes(made.id).image_ids.tolist()[1:])
    decisions.decide(made.id, "Ada", [Op(1, ids, "relabel", dogs)], "a")
    applying.apply(made.id, "Ada")
    assert [label.n_train for label in projects.labels(made.id)] == [1, 10_000]
    applying.restore(made.id, 2, "Ada")
    assert [label.n_train for label in projects.labels(made.id)] == [10_001, 0]


KILLED = """
import os, signal, sys
from curate.catalog import versions
from curate.review.deciding import apply as applying

def die(*_args):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(applying, sys.argv[3], die)
getattr(applying, sys.argv[2])(int(sys.argv[1]), *eval(sys.argv[4]))
"""


@pytest.mark.parametrize(
    ("function", "dies_in", "arguments"),
    [
        ("apply", "_settle", "('Ada',)"),
        ("apply", "finish_version", "('Ada',)"),
        ("restore", "finish_version", "(1, 'Ada')"),
        ("empty_bin", "finish_version", "('Ada',)"),
    ],
)
def test_a_kill_in_the_middle_leaves_the_old_state_and_the_next_try_works(small_project, function, dies_in, arguments):
    c1, c2, c3, *_ = small_project.image_ids
    decide(small_project, ("delete", (c1,), None))
    applying.apply(small_project.id, "Ada")
    decide(small_project, ("relabel", (c2,), small_project.label_ids["dogs"]), ("delete", (c3,), None))
    before = images.image_rows(small_project.image_ids), versions.list_versions(small_project.id)
    database.engine().dispose()
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(small_project.id), function, dies_in, arguments],
        cwd=REPOSITORY, env=os.environ, timeout=60,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL
    assert (images.image_rows(small_project.image_ids), versions.list_versions(small_project.id)) == before
    assert all(map(store.has_blob, small_project.shas))
    getattr(applying, function)(small_project.id, *((1, "Ada") if function == "restore" else ("Ada",)))
    assert len(versions.list_versions(small_project.id)) == len(before[1]) + 1


class Curating(RuleBasedStateMachine):
    """People decide, apply, restore, import and empty the bin in any order; a plain dict says how it should stand."""

    numbers = Bundle("numbers")

    @initialize()
    def begin(self) -> None:
        self.project_id = projects.create_project(f"pets {len(projects.list_projects())}")
        self.labels = [projects.add_label(self.project_id, name) for name in ("a", "b", "c")]
        self.now: dict[int, tuple[int, str]] = {}
        self.waiting: dict[int, tuple[str, int | None]] = {}
        self.versions: dict[int, dict[int, tuple[int, str]]] = {}
        self.seq = 0
        self.add(3)

    @rule(n=st.integers(1, 3))
    def add(self, n: int) -> None:
        self.seq += 1
        shas = [f"{self.project_id:032x}{self.seq:016x}{i:016x}" for i in range(n)]
        images.add_blobs([images.NewBlob(sha, 1, 1, 1, "PNG", bytes(32)) for sha in shas])
        images.add_images(
            self.project_id, [images.NewImage(sha, "abc"[i % 3], f"{sha}.png", "train") for i, sha in enumerate(shas)],
            "Ada", "More", [],
        )  # fmt: skip
        for i, sha in enumerate(shas):
            self.now[images.find_image(self.project_id, f"{sha}.png").id] = (self.labels[i % 3], "active")
        self.made()

    @precondition(lambda self: any(state == "active" for _, state in self.now.values()))
    @rule(data=st.data(), action=st.sampled_from(["keep", "delete", "relabel", "clear"]))
    def decide(self, data: st.DataObject, action: str) -> None:
        self.seq += 1
        image_id = data.draw(st.sampled_from(sorted(i for i, (_, state) in self.now.items() if state == "active")))
        label = data.draw(st.sampled_from(self.labels)) if action == "relabel" else None
        decisions.decide(self.project_id, "Ada", [Op(self.seq, (image_id,), action, label)], f"c{self.project_id}")
        if label == self.now[image_id][0]:
            action, label = "keep", None
        self.waiting[image_id] = (action, label)
        if action == "clear":
            del self.waiting[image_id]

    @rule()
    def apply(self) -> None:
        standing = {i: said for i, said in self.waiting.items() if self.now[i][1] == "active"}
        if not standing:
            with pytest.raises(BadInput):
                applying.apply(self.project_id, "Ada")
            return
        applying.apply(self.project_id, "Ada")
        for image_id, (action, label) in standing.items():
            old_label, old_state = self.now[image_id]
            self.now[image_id] = (label or old_label, "binned" if action == "delete" else old_state)
            del self.waiting[image_id]
        self.made()

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.versions)))
        target = {
            image_id: (label, state) if state == "erased" else self.versions[number].get(image_id, (None, "binned"))
            for image_id, (label, state) in self.now.items()
        }
        try:
            applying.restore(self.project_id, number, "Ada")
        except BadInput:
            assert all(new[1] == self.now[i][1] and new[0] in (None, self.now[i][0]) for i, new in target.items())
            return
        rows = {row.id: row.label_id for row in images.image_rows(list(target))}
        self.now = {i: (rows[i] if label is None else label, state) for i, (label, state) in target.items()}
        self.made()

    @rule()
    def empty_bin(self) -> None:
        binned = [image_id for image_id, (_, state) in self.now.items() if state == "binned"]
        try:
            assert applying.empty_bin(self.project_id, "Ada")[0] == len(binned)
        except CurateError:
            assert not binned
            return
        self.now |= {image_id: (self.now[image_id][0], "erased") for image_id in binned}
        self.made()

    def made(self) -> None:
        self.versions[max(self.versions, default=0) + 1] = dict(self.now)

    @invariant()
    def the_catalog_stands_as_it_should(self) -> None:
        if not getattr(self, "now", None):
            return
        assert state(self.project_id, list(self.now)) == self.now
        newest = versions.list_versions(self.project_id)[0]
        assert (newest.number, newest.is_head) == (max(self.versions), True)
        active = [label for label, how in self.now.values() if how == "active"]
        assert {int(label): of["train"] for label, of in newest.counts.items()} == {
            label: active.count(label) for label in set(active)
        }
        waiting = [said for i, said in self.waiting.items() if self.now[i][1] == "active"]
        found = decisions.waiting(self.project_id)
        assert (found.n_keep, found.n_delete) == tuple(
            sum(a == action for a, _ in waiting) for action in ("keep", "delete")
        )


def test_any_order_of_deciding_applying_restoring_and_erasing_stands_as_it_should(home):
    run_state_machine_as_test(Curating, settings=settings(max_examples=8, stateful_step_count=15, deadline=None))
