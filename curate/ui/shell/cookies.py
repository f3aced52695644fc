"""A few words that the visitor's own browser remembers through reloads. Anyone can change theirs: nothing is secret."""

import json
from urllib.parse import quote, unquote

import streamlit as st

_DUE = "cookies_due"
_PREFIX = "curate_"
_YEAR_S = 31_536_000


def recall(name: str) -> str | None:
    """What `remember` stored under this name, in this session or before the page was last loaded."""
    due: dict[str, str] = st.session_state.get(_DUE, {})
    stored = st.context.cookies.get(_PREFIX + name)
    return due.get(name, unquote(stored) if isinstance(stored, str) else None)  # AppTest's stand-in gives no text


def remember(name: str, value: str) -> None:
    """Have the browser keep `value` for a year; `write_due` at the end of the run sends it."""
    st.session_state[_DUE] = {**st.session_state.get(_DUE, {}), name: value}


def write_due() -> None:
    """Hand the browser what it is to remember. Streamlit has no other way to set a cookie after the page is loaded."""
    due: dict[str, str] = st.session_state.get(_DUE, {})
    if not due:
        return
    # Quoting leaves letters, digits and _.-~ only, so that no value can end the script or the string it stands in.
    lines = [f"{_PREFIX}{quote(name, safe='')}={quote(value, safe='')}" for name, value in due.items()]
    script = "".join(
        f"document.cookie = {json.dumps(line)} + '; path=/; max-age={_YEAR_S}; samesite=lax';" for line in lines
    )
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
