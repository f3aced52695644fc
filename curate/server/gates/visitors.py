"""Who sends a request, where people log in or come through a proxy that knows them; and our routes for them only.

`Proxies` goes around the whole app and takes the proxy's header out of every request that comes from elsewhere, so
that whatever is left of it can be believed: here, and by pages (`st.context.headers`). `gated` goes around each of our
routes. With neither a login nor a proxy configured, names are typed and both let everybody through.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.config import get_option
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from curate import settings
from curate.errors import BadInput
from curate.review import tokens, visitors
from curate.review.visitors import NotLoggedIn

NO_STORE = {"Cache-Control": "no-store"}


class Proxies:
    """ASGI middleware: the header that names the user stays only where a trusted proxy set it, once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, without the header unless it can be believed."""
        # Before the server has started no setting is read: it says which one is wrong, and uvicorn would hide an error.
        name = settings.user_header() if scope["type"] in ("http", "websocket") else None
        if name:
            sent = [value for key, value in scope["headers"] if key == name.encode()]
            if sent and (len(sent) > 1 or not visitors.is_trusted(_peer(scope, receive))):
                kept = [pair for pair in scope["headers"] if pair[0] != name.encode()]
                scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)


def check_secrets() -> None:
    """Raise BadInput when a file of secrets is there and cannot be read: else nobody would have to log in."""
    there = [path for path in get_option("secrets.files") if Path(path).exists()]
    if there and not secrets_singleton.load_if_toml_exists():
        raise BadInput(f"{there[-1]} cannot be read as TOML, so nobody could be asked to log in.", "Mend or remove it.")


def gated(routes: Iterable[Route]) -> list[Route]:
    """The routes, each answering only those whom `visitor` knows, and only with a token of their own name."""
    found = list(routes)
    for route in found:
        route.app = _Gate(route.app)
    return found


def needs_login() -> bool:
    """Whether people log in, or come through a proxy that names them; else names are typed."""
    return bool(settings.user_header() or get_secrets_auth_section())


def visitor(connection: HTTPConnection) -> str | None:
    """The reviewer's name as proxy or login tell it; None where names are typed. Raises NotLoggedIn."""
    if header := settings.user_header():
        name = visitors.name_in_header(connection.headers.get(header, "").encode("latin-1"))
    elif get_secrets_auth_section():
        name = visitors.name_of_claims(_claims(connection))
    else:
        return None
    if not name:
        raise NotLoggedIn("You are not logged in (any more).", "Reload the page; what you decided is kept.")
    return name


class _Gate:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            name, token = visitor(request), request.headers.get(tokens.HEADER)
            if name is not None and token is not None and tokens.reviewer_of(token) != name:
                raise tokens.BadToken(f"This page was opened for somebody else than {name}.", "Reload the page.")
        except (NotLoggedIn, tokens.BadToken) as error:
            answer = JSONResponse({"error": str(error), "hint": error.hint}, 403, headers=NO_STORE)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _claims(connection: HTTPConnection) -> dict[str, Any]:
    """What Streamlit's login stored, signed, in its cookie; {} when there is none of this app and time."""
    signed = _get_signed_cookie_with_chunks(connection.cookies, USER_COOKIE_NAME)
    claims = json.loads(signed) if signed else {}
    is_ours = claims.get("is_logged_in") and claims.get("origin") == get_origin_from_redirect_uri()
    return claims if is_ours else {}


def _peer(scope: Scope, receive: Receive) -> str:
    """The address that the connection really comes from; "" when it cannot be told.

    `scope["client"]` does not say: uvicorn puts there what X-Forwarded-For claims, if the proxy is on this machine.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is not None:
        peer = transport.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else ""
    is_forwarded = any(key == b"x-forwarded-for" for key, _ in scope["headers"])
    return "" if is_forwarded or not scope.get("client") else str(scope["client"][0])
