"""Who is looking: a typed name, a proxy's header, a login; without the latter two where they are asked for, no page."""

from pathlib import Path

import pytest
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

MAIN = Path(__file__).parents[3] / "curate" / "ui" / "main.py"


def test_behind_a_proxy_that_names_nobody_no_page_is_shown(small_project, monkeypatch):
    monkeypatch.setenv("CURATE_USER_HEADER", "X-Forwarded-User")
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert "yours says nothing" in app.error[0].value
    assert not app.title and not app.sidebar.selectbox and not app.exception


def test_where_people_log_in_everybody_else_sees_a_button_only(small_project, tmp_path, monkeypatch):
    (tmp_path / "secrets.toml").write_text('[auth]\nredirect_uri = "http://localhost/oauth2callback"\n[auth.acme]\n')
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
    secrets_singleton._reset()
    try:
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        app.query_params["project"] = str(small_project.id)
        app.run().switch_page("../../pages/curate.py").run()
        assert [button.label for button in app.button] == ["Log in with acme"]
        assert not app.sidebar.selectbox and not app.exception
    finally:
        config.set_option("secrets.files", before)
        secrets_singleton._reset()


@pytest.mark.parametrize("name", ["", "Zoë"])
def test_else_a_name_is_typed(open_page, name):
    app = open_page("overview")
    field = app.sidebar.text_input(key="reviewer_name")
    assert "protects nothing" in app.sidebar.caption[-1].value
    assert field.set_value(name).run().sidebar.text_input(key="reviewer_name").value == name
