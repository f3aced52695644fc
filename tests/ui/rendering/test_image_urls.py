"""Pictures that HTML shows come from below the path that a proxy puts before everything."""

import pytest
import streamlit as st

from curate.ui.rendering import html


def test_a_picture_in_html_comes_from_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", lambda name: "curate" if name == "server.baseUrlPath" else None)
    assert 'src="/curate/images/aa/thumb"' in html.picture(html.Shown("aa", "a picture"), 48)


def test_an_erased_picture_leaves_an_empty_square_with_its_name() -> None:
    square = html.picture(html.Shown("", '"<b>'), 48)
    assert "<img" not in square and 'title="&quot;&lt;b&gt;"' in square
