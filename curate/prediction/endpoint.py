"""How a model process is found and spoken to: a port on loopback, a key in a file only its user can read. No torch.

A request's body is a JSON line (what is asked, and the files' sizes) and then the files' bytes; answers are JSON.
"""

import json
import os
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from curate import store

KEY_HEADER = "X-Curate-Key"
TORCH, GRAPHS = "predictor", "graphs"  # the process that holds torch, and the one that answers from graphs


@dataclass(frozen=True)
class Endpoint:
    """Where a model process listens, and the key that its requests carry."""

    port: int
    key: str


def folder(name: str) -> Path:
    """Where the model process of that name keeps its lock, its endpoint and its log."""
    return store.cache_folder(name if name == TORCH else f"predictor-{name}")


def publish(name: str, endpoint: Endpoint) -> None:
    """Let this user's other processes find it."""
    path = folder(name) / f"endpoint.{os.getpid()}"
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(endpoint)))
    path.replace(folder(name) / "endpoint.json")


def find(name: str) -> Endpoint | None:
    """The endpoint published last; whether anybody still listens there, only asking tells."""
    path = folder(name) / "endpoint.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=8)
def _read(path: Path, written_at: int) -> Endpoint:
    return Endpoint(**json.loads(path.read_text()))


def pack(request: dict[str, Any], files: list[bytes]) -> bytes:
    """A request's body. request: plain values, whatever that path needs."""
    head = json.dumps({"asked": request, "sizes": [len(data) for data in files]})
    return b"".join([head.encode(), b"\n", *files])


def unpack(body: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The other way round."""
    first, _, rest = body.partition(b"\n")
    head: dict[str, Any] = json.loads(first)
    files, start = [], 0
    for size in head["sizes"]:
        files.append(rest[start : start + size])
        start += size
    return head["asked"], files
