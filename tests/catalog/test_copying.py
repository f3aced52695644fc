"""Copying projects between SQLite and PostgreSQL, both ways: checked, all or nothing, and never over anything."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, inspect, select, text

from curate.catalog import copying, database, images, jobs, projects, versions
from curate.catalog.tables.core import Image
from curate.catalog.tables.metadata import METADATA
from curate.cli import main
from curate.errors import BadInput, Conflict
from curate.review.deciding import apply, decisions
from tests import postgres
from tests.conftest import REPOSITORY

_numbers = itertools.count()


def ignore(_done: int, _total: int | None, _message: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path) -> Iterator[str]:
    """The address of an empty database of the other kind."""
    if not database.is_sqlite():
        yield f"sqlite:///{tmp_path / 'copy.db'}"
        return
    server: postgres.Server = request.getfixturevalue("database_server")
    name = f"copy_{next(_numbers)}"
    server.create(name)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def there(elsewhere, monkeypatch) -> Iterator[Callable[[], None]]:
    """`there()`: from now on the catalog is the copy."""

    def move() -> None:
        database.engine().dispose()
        monkeypatch.setenv("CURATE_DATABASE_URL", elsewhere)

    yield move


@pytest.fixture
def pets(make_project):
    """A project with decisions, an applied version, and one more decision that waits; another one beside it."""
    pets = make_project([("cats", "train"), ("cats", "valid"), ("dogs", "train"), ("ünïcode 🐈", "train")])
    make_project([("cats", "train"), ("birds", "train")], name="others")
    for number, (image_id, action) in enumerate(zip(pets.image_ids, ("delete", "keep", "keep"), strict=False), start=1):
        if number == 3:
            apply.apply(pets.id, "Ada", "first")
        decisions.decide(pets.id, "Ada", [decisions.Op(number, (image_id,), action)], "client-1")
    return pets


def rows(n_of: list[copying.Copied]) -> dict[str, int]:
    return {each.table: each.n_rows for each in n_of if each.n_rows}


def test_one_project_arrives_whole_and_its_numbers_are_counted_on_from(pets, elsewhere, there):
    before = (images.image_rows(pets.image_ids), versions.list_versions(pets.id), projects.labels(pets.id))
    copied = copying.copy_to(elsewhere, [pets.id], ignore)
    assert (
        rows(copied).items() >= {"project": 1, "image": 4, "blob": 4, "label": 3, "decision": 3, "version": 2}.items()
    )
    there()
    assert [project.name for project in projects.list_projects()] == ["pets"]
    assert (images.image_rows(pets.image_ids), versions.list_versions(pets.id), projects.labels(pets.id)) == before
    assert decisions.waiting(pets.id).n_keep == 1
    decisions.decide(pets.id, "Bob", [decisions.Op(1, (pets.image_ids[3],), "delete")], "client-2")
    assert decisions.revision(pets.id) == 4
    projects.add_label(pets.id, "new")


def test_all_projects_go_at_once_or_one_after_the_other(pets, elsewhere, there):
    copying.copy_to(elsewhere, [pets.id], ignore)
    with pytest.raises(Conflict, match="holds a project pets"):
        copying.copy_to(elsewhere, None, ignore)
    others = projects.find_project("others").id
    copied = copying.copy_to(elsewhere, [others], ignore)
    assert rows(copied)["blob"] == 2  # which the target had: the same pictures are in pets
    there()
    assert {project.name: project.n_images for project in projects.list_projects()} == {"pets": 3, "others": 2}


def test_every_table_is_copied_with_all(pets, elsewhere):
    copied = copying.copy_to(elsewhere, None, ignore)
    assert [each.table for each in copied] == [table.name for table in METADATA.sorted_tables]
    with database.reading() as session:
        here = {table.name: session.scalar(select(func.count()).select_from(table)) for table in METADATA.sorted_tables}
    assert {each.table: each.n_rows for each in copied} == here


def test_every_table_belongs_to_a_project():
    database.engine()  # with the migrations come all models
    for table in METADATA.sorted_tables:
        assert copying.belongs_to(table, [1]) is not None


def test_nothing_is_kept_when_numbers_clash(pets, elsewhere, there, monkeypatch):
    here = database.settings.database_url()
    there()
    taken = projects.create_project("taken")
    database.engine().dispose()
    with monkeypatch.context() as back:
        back.setenv("CURATE_DATABASE_URL", here)
        others = projects.find_project("others").id
        assert others != taken
        with pytest.raises(Conflict, match="holds a project taken"):
            copying.copy_to(elsewhere, [pets.id], ignore)
    with database.writing() as session:  # the project's number is free, a label's is not
        session.execute(text("UPDATE project SET id = 77 WHERE name = 'taken'"))
    projects.add_label(77, "birds")
    database.engine().dispose()
    with monkeypatch.context() as back:
        back.setenv("CURATE_DATABASE_URL", here)
        with pytest.raises(Conflict, match="other rows under the same numbers"):
            copying.copy_to(elsewhere, [pets.id], ignore)
        database.engine().dispose()
    assert [project.name for project in projects.list_projects()] == ["taken"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 0


def test_a_row_that_arrives_changed_is_noticed_and_nothing_is_kept(pets, elsewhere, there, monkeypatch):
    sent = copying._without_known
    monkeypatch.setattr(copying, "_without_known", lambda *given: [row | {"width": 9} for row in sent(*given)])
    with pytest.raises(Conflict, match="Of table blob 4 rows were sent, and 4 others came"):
        copying.copy_to(elsewhere, [pets.id], ignore)
    there()
    assert projects.list_projects() == []


def test_open_jobs_the_same_database_and_a_wrong_address_are_refused(pets, elsewhere):
    with pytest.raises(BadInput, match="the database that the projects are in"):
        copying.copy_to(database.settings.database_url(), None, ignore)
    for url in ("nonsense", "postgresql+psycopg://nobody:secret@127.0.0.1:1/x", "oracle+nothing://x"):
        with pytest.raises(BadInput, match="cannot be used") as refused:
            copying.copy_to(url, None, ignore)
        assert "secret" not in str(refused.value)
    jobs.add_job("train", "Train", pets.id, {}, "Ada")
    with pytest.raises(Conflict, match="1 jobs wait or run"):
        copying.copy_to(elsewhere, None, ignore)


def test_the_command_says_what_was_copied_and_where_the_pictures_stay(pets, elsewhere, capsys, home):
    assert main(["copy-to", elsewhere, "--project", "pets"]) == 0
    output = capsys.readouterr().out
    assert "image" in output and f"stay in {home}" in output
    assert main(["copy-to", elsewhere, "--project", "pets"]) == 1
    assert "holds a project pets" in capsys.readouterr().err


def test_a_process_that_only_copies_knows_every_table(home):
    projects.list_projects()  # makes the schema
    program = "from curate.catalog import copying; print(*copying.METADATA.tables)"
    known = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    there = set(inspect(database.engine()).get_table_names()) - {"alembic_version"}
    assert set(known.stdout.split()) == there
