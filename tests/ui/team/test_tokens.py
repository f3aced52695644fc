"""The tab of the API's tokens on the Team page."""

from typing import Any

from curate import api_tokens
from tests.factories import open_page


def test_a_token_is_made_on_the_page_shown_once_and_revoked(small_project: Any) -> None:
    app = open_page("team", project=small_project.id, part="tokens")
    assert "also answers without a token" in app.info[0].value
    app.button(key="make_token").click().run()
    assert app.error[0].value.startswith("A token needs a name")
    app.text_input(key="token_name").set_value("Nightly import")
    app.button(key="make_token").click().run()
    assert not app.exception
    token = app.code[0].value
    assert api_tokens.find_token(token).scopes == ("read", "predict")
    app = open_page("team", project=small_project.id, part="tokens")
    shown = "\n".join(str(part.value) for part in app.html)
    assert "Nightly import" in shown and token not in shown
    app.button(key="revoke_1").click().run()
    assert api_tokens.find_token(token) is None
    assert [part.label for part in app.expander] == ["Make a token", "1 revoked token"]
