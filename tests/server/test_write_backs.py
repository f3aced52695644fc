"""The journal of a write-back as a download."""

import csv

from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.server import write_backs
from curate.write_back import moving
from tests.write_back.conftest import decide, ignore, plan, take_in  # noqa: F401 (a fixture)


def test_the_journal_comes_as_a_table_that_says_what_became_of_every_file(take_in):  # noqa: F811
    client = TestClient(Starlette(routes=write_backs.routes()))
    pets, folder = take_in("cats/a.png", "cats/b, c.png", "dogs/d.png")
    decide(pets, "a.png", "delete")
    decide(pets, "b, c.png", "relabel", "dogs")
    row = plan(pets)
    (folder / "cats" / "a.png").unlink()
    moving.carry_out(row.id, ignore)
    answer = client.get(f"/api/write-backs/{row.id}.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="write_back_{row.id}.csv"'
    quarantine = f".curate-quarantine/{row.id}/cats/a.png"
    assert list(csv.reader(answer.text.splitlines())) == [
        ["file", "what", "from label", "to label", "goes to", "state", "why"],
        ["cats/a.png", "quarantine", "cats", "", quarantine, "left alone", moving.CHANGED],
        ["cats/b, c.png", "move", "cats", "dogs", "dogs/b, c.png", "moved", ""],
    ]
    assert client.get("/api/write-backs/99.csv").status_code == 404
