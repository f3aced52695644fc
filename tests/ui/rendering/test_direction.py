"""Names in Hebrew or Arabic, with marks of direction or with Markdown in them, are shown as they are and isolated."""

from curate.ui.rendering import formatting, html

CAT = "חתול"


def test_a_name_from_right_to_left_is_isolated_in_html_and_in_markdown():
    assert html.text(CAT) == f"<bdi>{CAT}</bdi>"
    assert f"<bdi>{CAT}</bdi>" in html.chip(CAT, 0)
    assert formatting.plain(CAT) == f"\u2068{CAT}\u2069"


def test_a_name_from_left_to_right_needs_no_isolation():
    assert html.text("cat") == "cat"
    assert formatting.plain("cat") == "cat"


def test_marks_of_direction_are_kept_and_isolated_but_overrides_are_left_out():
    assert html.text("cat\u200f!") == "<bdi>cat\u200f!</bdi>"
    assert html.text("a\u202egpj.exe") == "a gpj.exe"


def test_stars_are_shown_as_they_are():
    assert formatting.plain("*a* **b**") == r"\*a\* \*\*b\*\*"
    assert html.text("*a*") == "*a*"


def test_an_isolated_name_is_no_part_of_an_attribute():
    assert html.attribute(f'{CAT}"') == f"{CAT}&quot;"
    assert "<bdi>" not in html.picture(html.Shown("", CAT), 40)
