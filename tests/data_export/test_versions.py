"""Any version can be exported, as it stood: whatever was decided, restored or erased since."""

from pathlib import Path
from typing import Any

import pytest

from curate import store
from curate.catalog import database, images, projects
from curate.data_export import version_images
from curate.errors import BadInput, NotFound
from curate.review.deciding import decisions
from curate.review.deciding.apply import apply, empty_bin, restore
from tests.conftest import tiny_picture
from tests.factories import add_doubted_run, export


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """On SQLite and on PostgreSQL."""


def decide(made: Any, action: str, place: int, label: str = "", who: str = "Ada") -> None:
    label_id = made.label_ids[label] if label else None
    op = decisions.Op(1, (made.image_ids[place],), action, label_id)
    decisions.decide(made.id, who, [op], f"{who}-{action}-{place}-{label}")


def state(made: Any, number: int | None) -> list[tuple[int, str]]:
    """(place of the image, label) of every image of the version."""
    version = version_images.find_version(made.id, number)
    names = {label.id: label.name for label in version.labels}
    return [(made.image_ids.index(one.id), names[one.label_id]) for one in version_images.images(version)]


@pytest.fixture
def three_versions(small_project: Any) -> Any:
    """1: cats 0-3, dogs 4-7.  2: 0 is a dog, 1 is deleted, 2 is kept by Bob.  3: as 1 again."""
    decide(small_project, "relabel", 0, "dogs")
    decide(small_project, "delete", 1)
    decide(small_project, "keep", 2, who="Bob")
    apply(small_project.id, "Ada")
    restore(small_project.id, 1, "Ada")
    return small_project


FIRST = [(place, "cats" if place < 4 else "dogs") for place in range(8)]
SECOND = [(0, "dogs"), (2, "cats"), (3, "cats"), (4, "dogs"), (5, "dogs"), (6, "dogs"), (7, "dogs")]


def test_each_version_is_exported_as_it_stood(three_versions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_images, "PAGE", 3)
    assert state(three_versions, 1) == FIRST
    assert state(three_versions, 2) == SECOND
    assert state(three_versions, 3) == state(three_versions, None) == FIRST
    version = version_images.find_version(three_versions.id, 2)
    assert (version.n_images, version.counts) == (7, {"train": 5, "valid": 2})


def test_decisions_go_along_with_the_label_that_they_gave(three_versions: Any) -> None:
    def decided(number: int) -> dict[int, tuple[str | None, str | None]]:
        shown = version_images.images(version_images.find_version(three_versions.id, number))
        return {
            three_versions.image_ids.index(one.id): (one.decision, one.decided_by) for one in shown if one.checked_at
        }

    assert decided(1) == {}
    assert decided(2) == {0: ("relabel", "Ada"), 2: ("keep", "Bob")}
    assert decided(3) == {2: ("keep", "Bob")}  # 0 has its old label again


def test_doubts_go_along_where_they_are_of_the_label_that_the_version_has(three_versions: Any) -> None:
    add_doubted_run(three_versions.id, [(0.9, 0.1)] * 8, [0.1 * place for place in range(8)], {4: 0})
    first, second = (
        {one.id: one.doubt for one in version_images.images(version_images.find_version(three_versions.id, number))}
        for number in (1, 2)
    )
    assert first[three_versions.image_ids[0]] == 0.0
    assert second[three_versions.image_ids[0]] is None  # a dog then, a cat when the run judged it
    assert first[three_versions.image_ids[5]] == second[three_versions.image_ids[5]] == 0.5


def test_what_came_in_later_is_missing_and_what_was_erased_since_is_too(three_versions: Any) -> None:
    sha = store.add_blob(tiny_picture(99))
    images.add_blobs([images.NewBlob(sha, 100, 8, 8, "PNG", bytes(32))])
    images.add_images(three_versions.id, [images.NewImage(sha, "cats", "new.png", "train")], "Ada", "More", [])
    assert state(three_versions, 3) == FIRST
    assert len(list(version_images.images(version_images.find_version(three_versions.id)))) == 9
    decide(three_versions, "delete", 5)
    apply(three_versions.id, "Ada")
    assert state(three_versions, 3) == FIRST
    empty_bin(three_versions.id, "Ada")
    assert state(three_versions, 3) == [one for one in FIRST if one[0] != 5]


def test_an_apply_while_an_export_reads_does_not_change_what_it_reads(
    small_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_images, "PAGE", 2)
    shown = version_images.images(version_images.find_version(small_project.id))
    first = [next(shown), next(shown)]
    decide(small_project, "relabel", 7, "cats")
    decide(small_project, "delete", 6)
    apply(small_project.id, "Ada")
    assert [one.id for one in [*first, *shown]] == small_project.image_ids


def test_an_image_of_another_project_between_ours_is_not_taken(make_project: Any) -> None:
    made = make_project([("a", "train"), ("b", "valid")])
    make_project([("a", "train")], name="other", seed=1)
    sha = store.add_blob(tiny_picture(99))
    images.add_blobs([images.NewBlob(sha, 100, 8, 8, "PNG", bytes(32))])
    images.add_images(made.id, [images.NewImage(sha, "a", "new.png", "train")], "Ada", "More", [])
    assert [one.file_name for one in version_images.images(version_images.find_version(made.id))] == [
        "0.png", "1.png", "new.png",
    ]  # fmt: skip


def test_a_version_that_is_not_there_or_empty_is_refused(small_project: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no version 9"):
        export(small_project.id, "folders", tmp_path / "out", 9)
    with pytest.raises(BadInput, match="no images to export"):
        version_images.find_version(projects.create_project("empty"))


def test_a_million_rows_are_read_by_index(make_project: Any) -> None:
    """No statement of a page scans a table: what a page costs does not grow with the project."""
    from sqlalchemy import event, text

    if not database.is_sqlite():
        pytest.skip("SQLite tells its plan in words")
    statements: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    made = make_project([("a", "train"), ("b", "valid")] * 200)
    version = version_images.find_version(made.id)
    event.listen(database.engine(), "before_cursor_execute", remember)
    assert len(list(version_images.images(version, "train", after=1))) == 199
    event.remove(database.engine(), "before_cursor_execute", remember)
    with database.reading() as session:
        session.execute(text("SELECT 1"))
        connection = session.connection()
        plans = [
            row[3]
            for statement, values in statements
            if statement.lstrip().startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert [plan for plan in plans if " image " in plan] == ["SEARCH image USING INTEGER PRIMARY KEY (rowid>?)"] * 2
    assert not [plan for plan in plans if plan.startswith("SCAN")]
