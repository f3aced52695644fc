"""`curate token`: made, listed, revoked."""

import pytest

from curate import api_tokens
from curate.cli import main


def test_a_token_is_printed_once_listed_without_it_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "new", "nightly", "--scope", "manage", "--owner", "ann"]) == 0
    printed = capsys.readouterr()
    token = printed.out.strip()
    assert printed.err == "Keep it: it is not shown again.\n"
    assert api_tokens.find_token(token).scopes == ("manage",)
    assert main(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert "nightly" in listed and "ann" in listed and token not in listed
    assert main(["token", "revoke", "1"]) == 0
    assert api_tokens.find_token(token) is None
    assert main(["token", "revoke", "7"]) == 1
    assert capsys.readouterr().err.startswith("curate: There is no token 7.")


def test_a_token_reads_and_predicts_unless_it_is_said_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "new", "nightly"]) == 0
    assert api_tokens.find_token(capsys.readouterr().out.strip()).scopes == ("read", "predict")
