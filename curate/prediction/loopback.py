"""The server inside a model process: answers on loopback, ends when idle or when whoever started it is gone. No torch.

One of each name per CURATE_HOME, by a held lock.
"""

import fcntl
import hmac
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from curate.errors import Busy, CurateError
from curate.prediction import endpoint

IDLE_S = 900
LOOK_S = 2

Answer = Callable[[dict[str, Any], list[bytes]], dict[str, Any]]


def serve(name: str, load: Callable[[], Mapping[str, Answer]]) -> None:
    """Serve until idle; end at once when another process serves this home already.

    load: gives {path: what answers it}, called by the process that holds the lock only.
    """
    parent = os.getppid()  # now: should it end while something is imported, the new parent would count as the starter
    with (endpoint.folder(name) / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(0)
        server = _Server(load())
        endpoint.publish(name, endpoint.Endpoint(server.server_port, server.key))
        threading.Thread(target=server.end_when_idle, args=(parent,), daemon=True).start()
        server.serve_forever()


class _Server(ThreadingHTTPServer):
    """Listens on a free port of loopback; `last_asked` is when somebody last wanted something."""

    daemon_threads = True
    request_queue_size = 128  # callers that connect at the same moment

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.key = secrets.token_urlsafe(32)
        self.last_asked = time.monotonic()

    def end_when_idle(self, parent: int) -> None:
        """Stop serving when nobody asks for long, or the starting process is gone."""
        while time.monotonic() - self.last_asked < IDLE_S and os.getppid() == parent:
            time.sleep(LOOK_S)
        self.shutdown()


class _Handler(BaseHTTPRequestHandler):
    """GET / says that it is there; POST to a path answers what is asked there."""

    server: _Server
    protocol_version = "HTTP/1.1"  # a caller's connection stays for its next question
    wbufsize = -1  # head and body of an answer leave together
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """200 when the key is right."""
        self._answer(200 if self._is_known() else 403, {})

    def do_POST(self) -> None:
        """JSON, or 400 with a sentence, or 429 while too many wait."""
        if not self._is_known():  # before anything is read: strangers on this machine cannot fill the memory
            self.close_connection = True
            self._answer(403, {"error": "The key is not this process's."})
            return
        self.server.last_asked = time.monotonic()
        request, files = endpoint.unpack(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        try:
            self._answer(200, self.server.answers[self.path](request, files))
        except CurateError as error:
            self._answer(429 if isinstance(error, Busy) else 400, {"error": str(error), "hint": error.hint})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: questions are not worth a line."""

    def _is_known(self) -> bool:
        return hmac.compare_digest(self.headers.get(endpoint.KEY_HEADER, "").encode(), self.server.key.encode())

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
