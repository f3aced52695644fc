"""The tab of the API's tokens: those that there are, with their last use, and a form that makes another."""

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section

from curate import api_tokens, settings
from curate.api_tokens import SCOPES, TokenRow
from curate.catalog.projects import MAX_NAME, ProjectSummary
from curate.ui.rendering import formatting, html
from curate.ui.rendering.image_urls import base_path
from curate.ui.shell import guards, identity

_USUAL = ("read", "predict")


def show_tokens(_project: ProjectSummary) -> None:
    """Show the tokens of all projects, and a button for a new one."""
    st.markdown(
        "Programs read projects, ask models and decide through the API, at `/api/v1`. A token says in whose name, and "
        "its scopes say what it may do. Tokens are for all projects."
    )
    if not (settings.user_header() or get_secrets_auth_section()):
        st.info("Nobody has to log in here, so the API also answers without a token.", icon=":material/info:")
    st.link_button("What the API can do", f"{base_path()}/api/docs", icon=":material/menu_book:")
    with st.expander("Make a token", icon=":material/key:", expanded=not api_tokens.list_tokens()):
        _make()
    rows = api_tokens.list_tokens()
    for row in rows:
        if row.revoked_at is None:
            _show(row)
    revoked = [row for row in rows if row.revoked_at is not None]
    if revoked:
        with st.expander(formatting.counted(len(revoked), "revoked token"), key="revoked_tokens"):
            st.html(html.stack([_describe(row) for row in revoked]))


def _show(row: TokenRow) -> None:
    with st.container(border=True, key=f"token_{row.id}"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.html(_describe(row))
        if right.button("Revoke", key=f"revoke_{row.id}", help="Programs that use it are refused from now on"):
            with guards.shown_errors():
                api_tokens.revoke(row.id)
                st.rerun()


def _describe(row: TokenRow) -> str:
    head = f"<div><b>{html.text(row.name, 60)}</b> {html.quiet(', '.join(row.scopes))}</div>"
    used = f"last used {html.moment(row.last_used_at)}" if row.last_used_at else "not used yet"
    revoked = f" · revoked {html.moment(row.revoked_at)}" if row.revoked_at else ""
    about = f"{html.text(row.hint)}… · of {html.text(row.owner, 40)} · made {html.moment(row.created_at)} · {used}"
    return head + html.quiet(f"{about}{revoked}")


def _make() -> None:
    with st.form("new_token", border=False):
        name = st.text_input("What it is for", key="token_name", max_chars=MAX_NAME, placeholder="Nightly import")
        scopes = st.pills(
            "What it may do", list(SCOPES), selection_mode="multi", default=_USUAL, key="token_scopes",
            format_func=lambda scope: f"{scope}: {SCOPES[scope][0].lower()}{SCOPES[scope][1:]}",
        )  # fmt: skip
        st.caption(f"What it decides stands under your name, {formatting.plain(identity.reviewer(), 40)}.")
        is_wanted = st.form_submit_button("Make it", key="make_token", type="primary")
    if is_wanted:
        with guards.shown_errors():
            token = api_tokens.create_token(name, identity.reviewer(), scopes)
            st.code(token, language=None, wrap_lines=True)
            st.caption("Copy it now: it is not shown again.")
