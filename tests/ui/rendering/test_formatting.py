from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.ui.rendering import formatting

NOW = datetime(2026, 7, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "under 1 s"), (0.4, "under 1 s"), (1, "1 s"), (59.4, "59 s"), (59.6, "1 min"), (60, "1 min"),
        (61, "1 min 1 s"), (130, "2 min 10 s"), (3_600, "1 h"), (3_725, "1 h 2 min"), (90_061, "1 d 1 h"),
    ],
)  # fmt: skip
def test_a_duration_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert formatting.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"), (44, "just now"), (60, "1 minute ago"), (150, "2 minutes ago"), (3_540, "59 minutes ago"),
        (3_599, "1 hour ago"), (7_200, "2 hours ago"), (23 * 3_600, "23 hours ago"), (86_400, "yesterday"),
        (3 * 86_400, "3 days ago"), (29 * 86_400, "29 days ago"), (40 * 86_400, "21 June 2026"),
    ],
)  # fmt: skip
def test_a_moment_is_told_by_how_long_ago_it_was(seconds: float, said: str) -> None:
    assert formatting.ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_a_moment_of_a_clock_that_is_ahead_is_just_now() -> None:
    assert formatting.ago(NOW + timedelta(hours=1), NOW) == "just now"


def test_the_exact_time_is_that_of_the_visitors_clock() -> None:
    assert formatting.exact(NOW, ZoneInfo("Europe/Berlin")) == "31 July 2026, 14:00:00 CEST"


def test_sizes_and_counts_are_written_for_people() -> None:
    assert formatting.counted(1, "image") == "1 image"
    assert formatting.counted(12_345, "image") == "12,345 images"
    assert formatting.size(1) == "1 byte"
    assert formatting.size(999_999) == "1000 kB"
    assert formatting.size(2_000_000_000_000) == "2,000.0 GB"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert\(1\)\<\/script\>"),
        ("**b** _i_ `c`", r"\*\*b\*\* \_i\_ \`c\`"),
        ("[x](javascript:y)", r"\[x\]\(javascript\:y\)"),
        ("$x$ :red[y]", r"\$x\$ \:red\[y\]"),
        ("# head", r"\# head"),
    ],
)
def test_every_sign_that_markdown_knows_is_escaped(text: str, shown: str) -> None:
    assert formatting.plain(text) == shown


@pytest.mark.parametrize("text", ["https://x.y", "www.x.y", "a@b.cd", "a -> b", "a <-> b", ":streamlit:", ":tada:"])
def test_what_streamlit_rewrites_though_escaped_is_broken_up_invisibly(text: str) -> None:
    shown = formatting.plain(text)
    assert formatting.WORD_JOINER in shown
    assert shown.replace(formatting.WORD_JOINER, "").replace("\\", "") == text


@pytest.mark.parametrize("text", ["img-001_a.jpg", "12:30", "3 - 2", "a:b", "IMG 2 (1).png"])
def test_ordinary_names_stay_whole_so_that_copying_them_works(text: str) -> None:
    assert formatting.WORD_JOINER not in formatting.plain(text)


@given(st.text(max_size=400))
def test_shortened_text_is_one_printable_line_of_at_most_that_length(text: str) -> None:
    short = formatting.shorten(text, 30)
    assert len(short) <= 30
    assert all(letter.isprintable() or letter == "\u200d" for letter in short)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=200))
def test_no_bare_punctuation_is_left_for_markdown(text: str) -> None:
    shown = formatting.plain(text)
    unescaped = shown.replace("\\\\", "").replace(formatting.WORD_JOINER, "")
    for place, sign in enumerate(unescaped):
        if not sign.isalnum() and sign not in " \\":
            assert unescaped[place - 1] == "\\"
