"""Who is looking: the name that stands beside decisions. Attribution, not security, unless people log in."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from curate.catalog.projects import clean_name
from curate.errors import BadInput
from curate.ui import cookies, words

NOBODY = "Someone"
_COOKIE = "reviewer"
_FIELD = "reviewer_name"


def reviewer() -> str:
    """The visitor's name: from the login where there is one, else as typed, else "Someone"."""
    if is_logged_in():
        return str(st.user.get("name") or st.user.get("email") or NOBODY)
    return _usable(cookies.recall(_COOKIE) or "") or NOBODY


def is_logged_in() -> bool:
    """Whether the name comes from a login, so that it cannot be typed."""
    return bool(st.user.get("is_logged_in"))


def zone() -> tzinfo:
    """The visitor's time zone as the browser tells it, else UTC."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def show() -> None:
    """The visitor's name with a field to change it."""
    name = reviewer()
    with st.popover(words.plain(name, 24), icon=":material/person:", type="tertiary", help="Who you are"):
        if is_logged_in():
            st.markdown(f"You are logged in as {words.plain(name)}.")
            return
        st.text_input(
            "Your name",
            value="" if name == NOBODY else name,
            max_chars=60,
            placeholder="As the others know you",
            key=_FIELD,
            on_change=_take_name,
        )
        st.caption(
            "It stands beside what you decide, import and train. Anyone can type any name: "
            "it says who did what, and protects nothing."
        )


def _take_name() -> None:
    name = _usable(st.session_state[_FIELD])
    cookies.remember(_COOKIE, name or NOBODY)


def _usable(name: str) -> str:
    """The name, or "" for one that cannot be stored: a cookie holds whatever somebody put there."""
    try:
        return clean_name(name, "reviewer")
    except BadInput:
        return ""
