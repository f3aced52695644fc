"""deploy/nginx.conf in a real nginx, before two servers that answer with what reached them."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"


class Echo(BaseHTTPRequestHandler):
    """Answers with the server's port and the request's headers."""

    def do_GET(self) -> None:
        body = json.dumps({"port": self.connection.getsockname()[1], "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[tuple[str, list[ThreadingHTTPServer]]]:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Echo) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    text = CONFIGURATION.read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    for fixed, server in zip(("8501", "8502"), servers, strict=True):
        text = text.replace(f"127.0.0.1:{fixed}", f"127.0.0.1:{server.server_address[1]}")
    kept = "".join(f"{name}_temp_path {tmp_path};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    file = tmp_path / "nginx.conf"
    file.write_text(f"pid {tmp_path}/pid; daemon off; events {{}} http {{ access_log off; {kept}\n{text}\n}}")
    command = ["nginx", "-e", str(tmp_path / "error.log"), "-c", str(file)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", servers
    process.terminate()
    process.wait()
    for server in servers:
        server.shutdown()
        server.server_close()


def test_people_stick_to_a_server_until_it_is_gone_and_nobody_names_themselves(
    nginx: tuple[str, list[ThreadingHTTPServer]],
) -> None:
    address, servers = nginx
    first_ports = set()
    for _ in range(20):
        with httpx.Client(base_url=address) as client:
            ports = {client.get("/", headers={"X-Forwarded-User": "boss"}).json()["port"] for _ in range(5)}
            assert len(ports) == 1
            first_ports |= ports
    assert first_ports == {server.server_address[1] for server in servers}
    with httpx.Client(base_url=address) as client:
        answer = client.get("/", headers={"X-Forwarded-User": "boss"}).json()
        assert "x-forwarded-user" not in {name.lower() for name in answer["headers"]}
        gone = next(server for server in servers if server.server_address[1] == answer["port"])
        gone.shutdown()
        gone.server_close()
        assert client.get("/").json()["port"] != answer["port"]
