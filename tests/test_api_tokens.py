"""Tokens of the API: kept as hashes, found while they are valid, revoked for good."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from curate import api_tokens
from curate.catalog import database, projects
from curate.catalog.copying import copy_to
from curate.catalog.tables.access import ApiToken
from curate.catalog.tables.core import now
from curate.errors import BadInput, NotFound


@pytest.mark.usefixtures("either_database")
def test_a_token_is_found_until_it_is_revoked() -> None:
    token = api_tokens.create_token(" ci ", "ann", ["predict", "read"])
    found = api_tokens.find_token(token)
    assert (found.name, found.owner, found.scopes) == ("ci", "ann", ("read", "predict"))
    assert token.startswith(found.hint) and len(token) > 40
    for other in ("", token[:-1], token + "x", token.upper(), "curate_\ud800", "a\0b"):
        assert api_tokens.find_token(other) is None
    api_tokens.revoke(found.id)
    assert api_tokens.find_token(token) is None
    revoked_at = api_tokens.list_tokens()[0].revoked_at
    api_tokens.revoke(found.id)
    assert api_tokens.list_tokens()[0].revoked_at == revoked_at is not None
    with pytest.raises(NotFound, match="There is no token 99"):
        api_tokens.revoke(99)


def test_the_catalog_holds_no_token(home: Path) -> None:
    token = api_tokens.create_token("ci", "ann", ["read"])
    api_tokens.find_token(token)
    with database.reading() as session:
        session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    held = b"".join(path.read_bytes() for path in home.glob("catalog.db*"))
    assert b"api_token" in held and token.encode() not in held


def test_the_last_use_is_noted_to_the_minute() -> None:
    token = api_tokens.create_token("ci", "ann", ["read"])
    assert api_tokens.list_tokens()[0].last_used_at is None
    api_tokens.find_token(token)
    first = api_tokens.list_tokens()[0].last_used_at
    api_tokens.find_token(token)
    assert api_tokens.list_tokens()[0].last_used_at == first
    with database.writing() as session:
        session.execute(update(ApiToken).values(last_used_at=now() - timedelta(minutes=2)))
    api_tokens.find_token(token)
    assert api_tokens.list_tokens()[0].last_used_at >= first


@pytest.mark.parametrize(
    ("name", "scopes", "sentence"),
    [
        ("ci", [], "A token has at least one scope of read, predict, review, manage."),
        ("ci", ["read", "all"], "A token has at least one scope"),
        (" ", ["read"], "A token needs a name."),
    ],
)
def test_a_token_needs_a_name_and_known_scopes(name: str, scopes: list[str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        api_tokens.create_token(name, "ann", scopes)


def test_a_whole_catalog_moves_with_its_tokens_a_single_project_without(tmp_path: Path) -> None:
    api_tokens.create_token("ci", "ann", ["read"])
    project_id = projects.create_project("pets")
    for name, ids, n in (("all", None, 1), ("one", [project_id], 0)):
        copy_to(f"sqlite:///{tmp_path / name}.db", ids, lambda *_: None)
        engine = database.engine_at(f"sqlite:///{tmp_path / name}.db")
        with engine.connect() as connection:
            assert len(connection.execute(select(ApiToken.id)).all()) == n
        engine.dispose()
