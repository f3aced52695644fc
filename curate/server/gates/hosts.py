"""Which names this server answers to.

A page elsewhere may have its own name point to this machine (DNS rebinding): the browser then lets it open the
websocket and read every route. So each request has to name a host of ours, and a page that sends requests has to come
from where it sends them to.
"""

import ipaddress
import socket
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from curate import settings

_POLICY_VIOLATION = 1008  # RFC 6455's status for a refused websocket


class KnownHosts:
    """ASGI middleware: refuses requests and websockets whose Host or Origin is none of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421 (a host that is not ours) or 403 (a page from elsewhere)."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not _is_our_host(headers, scope):
            await _refuse(421, "This server does not answer to that name.", scope, receive, send)
        elif not _is_our_origin(headers, scope):
            await _refuse(403, "This request comes from another site's page.", scope, receive, send)
        else:
            await self._app(scope, receive, send)


def own_names() -> frozenset[str]:
    """This machine's names, in lower case, as it and its neighbours call it."""
    return _names_of(socket.gethostname())


@lru_cache(maxsize=2)
def _names_of(host: str) -> frozenset[str]:
    short = host.lower().partition(".")[0]
    return frozenset({"localhost", host.lower(), short, f"{short}.local", socket.getfqdn(host).lower()})


def is_loopback(address: str) -> bool:
    """Whether nobody but this machine can reach an address; false for names other than localhost."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def is_known(host: str, server: str = "") -> bool:
    """Whether a host name without its port is ours.  server: the address that the request arrived at.

    >>> is_known("localhost"), is_known("127.0.0.1"), is_known("::1"), is_known("evil.example")
    (True, True, True, False)
    """
    name = host.lower().rstrip(".")
    return bool(name) and (name in own_names() or is_loopback(name) or name == _as_written(server) or _is_named(name))


def _as_written(address: str) -> str:
    """A socket's address as people write it: of "::ffff:10.0.0.5" only the IPv4 part, without a zone."""
    address = address.lower().partition("%")[0]
    return address.removeprefix("::ffff:") if "." in address else address


def _is_named(name: str) -> bool:
    """Whether CURATE_HOSTS has the name, or a pattern (*.example.org, *) that it fits."""
    return any(
        entry in ("*", name) or (entry.startswith("*.") and name.endswith(entry[1:])) for entry in settings.hosts()
    )


def _is_our_host(headers: Headers, scope: Scope) -> bool:
    given = headers.getlist("host")
    host = _without_port(given[0]) if len(given) == 1 else None
    return host is not None and is_known(host, (scope.get("server") or [""])[0])


def _is_our_origin(headers: Headers, scope: Scope) -> bool:
    """Whether the page that sends this is ours. A link that is followed tells no origin, or "null"."""
    origins = headers.getlist("origin")
    if not origins:
        return True  # no browser's script: those always say
    if len(origins) > 1:
        return False
    if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate":
        return True
    if origins[0].lower().partition("://")[2] == headers["host"].lower():
        return True
    host = _without_port(origins[0].partition("://")[2])
    return host is not None and _is_named(host.lower().rstrip("."))


def _without_port(netloc: str) -> str | None:
    """The host of "host", "host:port" or "[address]:port"; None for anything else."""
    try:
        parts = urlsplit(f"//{netloc}")
        _ = parts.port
    except ValueError:
        return None
    is_plain = parts.netloc == netloc and parts.username is None and not (parts.path or parts.query or parts.fragment)
    return parts.hostname if is_plain else None


async def _refuse(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": sentence})
        return
    hint = "Whoever runs it names further hosts in CURATE_HOSTS."
    content: dict[str, object] = {"error": sentence, "hint": hint}
    media_type = "application/json"
    if scope["path"].startswith("/api/v1/"):  # programs read RFC 9457
        content = {"title": HTTPStatus(status).phrase, "status": status, "detail": sentence, "hint": hint}
        media_type = "application/problem+json"
    answer = JSONResponse(content, status, headers={"Cache-Control": "no-store"}, media_type=media_type)
    await answer(scope, receive, send)
