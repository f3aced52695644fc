"""A small OpenID provider on this machine: it lets everybody in, at once, as Ada."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
CLIENT, SECRET = "curate", "hush"
ADA = {"sub": "17", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}


class Provider(BaseHTTPRequestHandler):
    """Discovery, keys, the code flow; anything else is 404."""

    nonces: dict[str, str] = {}

    @property
    def own_url(self) -> str:
        """Where this server answers."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"  # type: ignore[index]

    def do_GET(self) -> None:
        """What a browser and the app ask for."""
        url = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self._json(self._facts())
        elif url.path == "/keys":
            self._json({"keys": [KEY.as_dict(private=False)]})
        elif url.path == "/authorize" and parameters.get("client_id") == CLIENT:
            code = f"code-{len(self.nonces)}"
            self.nonces[code] = parameters.get("nonce", "")
            self.send_response(302)
            self.send_header(
                "Location", f"{parameters['redirect_uri']}?{urlencode({'code': code, 'state': parameters['state']})}"
            )
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """A code for a token."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        nonce = self.nonces.pop(form.get("code", [""])[0], None)
        if nonce is None or self.headers.get("Authorization") != f"Basic {known}":
            self._json({"error": "invalid_grant"}, 400)
            return
        at = int(time.time())
        claims = {**ADA, "iss": self.own_url, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)
        self._json({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _facts(self) -> dict[str, Any]:
        return {
            "issuer": self.own_url, "authorization_endpoint": f"{self.own_url}/authorize",
            "token_endpoint": f"{self.own_url}/token", "jwks_uri": f"{self.own_url}/keys",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        }  # fmt: skip

    def _json(self, body: Any, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def provider() -> Iterator[str]:
    """The address of a running one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
