"""Decoding, in processes beside the one that downloads: both cores work, and a picture that brings a decoder down is
refused instead of ending the gathering."""

import asyncio
import json
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any

from curate.gather.arrival import Arrived
from curate.gather.decoder import HEAD, LENGTH
from curate.gather.limits import Limits
from curate.gather.refused import Refused

ROOT = Path(__file__).parents[2]
N_PROCESSES = max(1, min(8, os.cpu_count() or 1))
_AHEAD = 3  # bodies a process is handed at once, so that it never waits for this one


class Decoders:
    """Some decoding processes, started when the first picture comes; use inside `async with`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free: asyncio.Queue[_Process] = asyncio.Queue()
        self._all: list[_Process] = []

    async def __aenter__(self) -> "Decoders":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await asyncio.gather(*(process.close() for process in self._all))

    async def take_in(self, body: bytes | Path) -> Arrived:
        """As `arrival.take_in`, elsewhere. Raises Refused."""
        process = await self._take()
        try:
            answer = await process.ask(body)
        except (ConnectionError, EOFError) as error:
            if isinstance(body, Path):
                body.unlink(missing_ok=True)
            raise Refused("Decoding it failed", "The process that decoded it ended; out of memory?") from error
        finally:
            self._free.put_nowait(process)
        if "reason" in answer:
            raise Refused(answer["reason"], answer["detail"])
        return Arrived(**(answer | {"phash": bytes.fromhex(answer["phash"])}))

    async def _take(self) -> "_Process":
        """The process to ask next, started when it is not running."""
        if self._free.empty() and len(self._all) < N_PROCESSES:
            process = _Process(self._limits)
            self._all.append(process)
            for _ in range(_AHEAD - 1):
                self._free.put_nowait(process)
        else:
            process = await self._free.get()
        await process.ensure()
        return process


class _Process:
    """One process, asked in order and answering in order."""

    def __init__(self, limits: Limits) -> None:
        self._limits = json.dumps(limits.to_json())
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._starting = asyncio.Lock()

    async def ensure(self) -> None:
        """Start it, or start it again when it died."""
        async with self._starting:
            if self._reading is not None and not self._reading.done():
                return
            path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "curate.gather.decoder", self._limits,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": path},
            )  # fmt: skip
            self._reading = asyncio.create_task(self._read(self._process))

    async def ask(self, body: bytes | Path) -> dict[str, Any]:
        """Its answer. Raises ConnectionError or EOFError when it died over this one, or over one before it."""
        assert self._process and self._process.stdin
        kind, data = (b"B", body) if isinstance(body, bytes) else (b"P", str(body).encode())
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._process.stdin.write(HEAD.pack(kind, len(data)) + data)
        await self._process.stdin.drain()
        return await answer

    async def close(self) -> None:
        """Let it end."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        if self._reading:
            await self._reading
        await self._process.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Hand out answers until it ends; who still waits then is told so."""
        assert process.stdout
        try:
            while True:
                (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                answer = json.loads(await process.stdout.readexactly(length))
                waiting = self._waiting.popleft()
                if not waiting.done():
                    waiting.set_result(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            while self._waiting:
                waiting = self._waiting.popleft()
                if not waiting.done():
                    waiting.set_exception(EOFError("the decoding process ended"))
