"""Servers on this machine for what is gathered from: the Openverse API by its schema, and hosts that misbehave.

Openverse as in WordPress/openverse: api/api/serializers/{media,image}_serializers.py, api/api/utils/{pagination,
throttle,exceptions}.py, api/api/views/oauth2_views.py, api/api/constants/restricted_features.py.
"""

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """Answers by path; counts what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: Counter[str] = Counter()
        self.queries: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def add(self, path: str, answer: Answer | bytes) -> str:
        """The address at which that is answered; bytes are a picture."""
        self.answers[path] = (
            (lambda handler: send(handler, 200, answer, "image/png")) if isinstance(answer, bytes) else answer
        )
        return self.url + path


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str, **headers: str) -> None:
    """A whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def send_json(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
    """A whole answer in JSON."""
    send(handler, status, json.dumps(body).encode(), "application/json", **headers)


@contextmanager
def serving(site: Site, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """The site on a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            site.asked[self.path] += 1
            site.headers.append(dict(self.headers))
            site.queries.append({name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()})
            answer = site.answers.get(self.path) or site.answers.get(path)
            try:
                if answer is None:
                    send(self, 404, b"no such page", "text/plain")
                else:
                    answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class OpenverseSite(Site):
    """`n` results for every query, each a picture of its own on this server.

    client: the (id, secret) that gets a token; `tokens`: those that are good; limits as restricted_features.py has
    them: pages of 20 and 50, 240 results deep.
    """

    def __init__(self, n: int, picture: Callable[[int], bytes], client: tuple[str, str] = ("id", "key")) -> None:
        super().__init__()
        self.n = n
        self.client = client
        self.tokens: set[str] = set()
        self.throttled: list[str] = []  # Retry-After of the next answers
        self._picture = picture
        self.answers["/v1/images/"] = self._search
        self.answers["/v1/auth_tokens/token/"] = self._token
        self.answers["/v1/auth_tokens/register/"] = self._register
        for number in range(n):
            self.add(f"/pictures/{number}.png", picture(number))

    def _search(self, handler: BaseHTTPRequestHandler) -> None:
        query = self.queries[-1]
        given = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.throttled:
            wait = self.throttled.pop(0)
            detail = f"Request was throttled. Expected available in {wait} seconds."
            send_json(handler, 429, {"detail": detail}, Retry_After=wait)
            return
        if given and given not in self.tokens:
            send_json(handler, 401, {"detail": "Invalid token header."})
            return
        page, size = int(query.get("page", 1)), int(query.get("page_size", 20))
        most = 50 if given else 20
        if size > most or page * size > 240:
            detail = f"Ensure this value is less than or equal to {most if size > most else 240}."
            body = {"detail": {"page_size": [detail]}} if given else {"detail": detail}
            send_json(handler, 400 if given else 401, body)
            return
        for value in query.get("size", "small").split(","):
            if value not in ("small", "medium", "large"):
                send_json(handler, 400, {"detail": {"size": [f"Invalid value: {value}."]}})
                return
        rows = range((page - 1) * size, min(page * size, self.n))
        page_body = {
            "result_count": self.n, "page_count": -(-self.n // size), "page_size": size, "page": page,
            "results": [self.result(number) for number in rows],
        }  # fmt: skip
        send_json(handler, 200, page_body, **{"X_RateLimit_Limit_anon_burst": "20/min"})

    def result(self, number: int) -> dict[str, Any]:
        """A result as ImageSerializer gives it."""
        here, there = f"{self.url}/pictures/{number}.png", "https://example.org"
        return {
            "id": f"00000000-0000-4000-8000-{number:012}", "title": f"Picture {number}", "url": here, "thumbnail": here,
            "foreign_landing_url": f"{there}/photos/{number}", "indexed_on": "2024-01-01T00:00:00Z",
            "creator": "Ada", "creator_url": f"{there}/ada", "license": "by-sa", "license_version": "4.0",
            "license_url": "https://creativecommons.org/licenses/by-sa/4.0/", "provider": "flickr", "source": "flickr",
            "category": "photograph", "filesize": None, "filetype": "png", "tags": [], "mature": False,
            "attribution": f'"Picture {number}" by Ada', "fields_matched": ["title"], "height": 64, "width": 64,
            "detail_url": f"{self.url}/v1/images/{number}/", "related_url": f"{self.url}/v1/images/{number}/related/",
        }  # fmt: skip

    def _token(self, handler: BaseHTTPRequestHandler) -> None:
        form = parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
        asked = (form["client_id"][0], form["client_secret"][0], form["grant_type"][0])
        if asked != (*self.client, "client_credentials"):
            send_json(handler, 401, {"error": "invalid_client"})
            return
        token = f"token-{len(self.tokens)}-{time.monotonic_ns()}"
        self.tokens.add(token)
        answer = {"access_token": token, "expires_in": 43_200, "token_type": "Bearer", "scope": "read write groups"}
        send_json(handler, 200, answer)

    def _register(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        if body["name"] == "taken":
            send_json(handler, 400, {"name": ["An application with this name already exists."]})
            return
        made = {"client_id": "id", "client_secret": "key", "name": body["name"], "msg": "Check your email."}
        send_json(handler, 201, made)
