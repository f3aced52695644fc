"""Signed reviewer names."""

import pytest

from curate.review import tokens


@pytest.mark.parametrize("name", ["ann", "Zoë <b>Müller</b>", "a" * 300, "名前 🐕"])
def test_a_token_brings_the_name_back_and_fits_into_a_header(name: str) -> None:
    token = tokens.sign(name)
    assert token.isascii() and token.isprintable() and " " not in token
    assert tokens.reviewer_of(token) == name


def test_a_token_that_was_changed_or_signed_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.sign("ann")
    with pytest.raises(tokens.BadToken, match="no longer know each other"):
        tokens.reviewer_of("x" + token)
    monkeypatch.setenv("CURATE_SECRET", "another installation with a key of its own")
    with pytest.raises(tokens.BadToken, match="no longer know each other"):
        tokens.reviewer_of(token)


def test_a_token_grows_old() -> None:
    with pytest.raises(tokens.BadToken, match="open for too long"):
        tokens.reviewer_of(tokens.sign("ann"), max_age_s=-1)
