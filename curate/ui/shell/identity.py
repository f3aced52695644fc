"""Who is looking: the name that stands beside decisions. Attribution, not security, unless people log in or come
through a proxy that knows them: then it cannot be typed, and nobody without one sees a page."""

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section

from curate import settings
from curate.review import visitors
from curate.ui.rendering import formatting
from curate.ui.shell import cookies

NOBODY = "Someone"
_COOKIE = "reviewer"
_FIELD = "reviewer_name"


def reviewer() -> str:
    """The visitor's name: from the proxy or the login where there is one, else as typed, else "Someone"."""
    if settings.user_header():
        return _name_from_proxy()
    if is_logged_in():
        return visitors.name_of_claims(st.user.to_dict())
    return visitors.usable(cookies.recall(_COOKIE) or "") or NOBODY


def is_logged_in() -> bool:
    """Whether somebody has logged in, by Streamlit's own login."""
    return bool(st.user.get("is_logged_in"))


def require() -> None:
    """Where people log in or come through a proxy: let nobody else see a page."""
    if settings.user_header():
        if not _name_from_proxy():
            st.error(
                "This page is reached through a proxy that says who you are, and yours says nothing. "
                "Open it at its usual address.", icon=":material/lock:",
            )  # fmt: skip
            st.stop()
    elif (login := get_secrets_auth_section()) and not (is_logged_in() and reviewer()):
        _show_login([name for name, section in login.to_dict().items() if isinstance(section, dict)])
        st.stop()


def _show_login(providers: list[str]) -> None:
    st.title("Curate", anchor=False)
    st.markdown("Log in to see the projects and to decide under your own name.")
    if is_logged_in():
        st.error("Your provider says neither your address of mail nor who you are: ask whoever runs it.")
    for name in providers or [""]:
        label = f"Log in with {formatting.plain(name, 40)}" if name else "Log in"
        if st.button(label, key=f"login_{name}", type="primary", icon=":material/login:"):
            st.login(name or None)


def _name_from_proxy() -> str:
    """ "" when the request came without, or not through a trusted proxy (`server.visitors` took it out then)."""
    sent = st.context.headers.get(settings.user_header() or "")
    return visitors.name_in_header(sent.encode("latin-1")) if isinstance(sent, str) else ""


def show_visitor() -> None:
    """Show the visitor's name, with a field to change it."""
    name = reviewer()
    with st.popover(formatting.plain(name, 24), icon=":material/person:", type="tertiary", help="Who you are"):
        if settings.user_header() or is_logged_in():
            st.markdown(f"You are logged in as {formatting.plain(name)}.")
            if not settings.user_header() and st.button("Log out", key="logout", icon=":material/logout:"):
                st.logout()
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
    name = visitors.usable(st.session_state[_FIELD])
    cookies.remember(_COOKIE, name or NOBODY)
