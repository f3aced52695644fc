"""An S3 server over HTTP (moto's) as a process of its own on a free port; what it stores is gone with it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

PROGRAM = Path(sys.prefix) / "s3" / "bin" / "moto_server"
BUCKET = "pictures"


class Server:
    """Started at once, with an empty bucket `pictures`. Skips the test where the server is not installed."""

    def __init__(self) -> None:
        if not PROGRAM.exists():
            pytest.skip("moto's S3 server is not installed (make test does it)")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.start()

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which Curate finds its pictures here."""
        return {
            "CURATE_STORE": f"s3://{BUCKET}/curate", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._port}",
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
        }  # fmt: skip

    def start(self) -> None:
        """Start the server, again after `kill`: its bucket is then empty."""
        command = [str(PROGRAM), "-p", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{self._port}/{BUCKET}"
        for _ in range(300):
            try:
                urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("moto's server did not start")

    def freeze(self) -> None:
        """Let it accept connections and answer none."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
