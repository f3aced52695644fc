"""A cable between browser and server that can be cut: every connection breaks, answers under way are lost, and nobody
gets through until it is mended."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Cable:
    """Passes on to `server_port` what connects to `port` of this machine, while `run` runs in a thread."""

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self.is_up = threading.Event()
        self._server_port = server_port
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()

    def run(self) -> None:
        """Until `stop` is called."""
        asyncio.run(self._serve())

    def stop(self) -> None:
        """End `run`."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    def cut(self) -> None:
        """Break what is connected; what connects from now on is dropped at once."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        """Let through what connects from now on."""
        self._is_cut = False

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.is_up.set()
        await self._stopping.wait()
        server.close()
        self._cut()
        await asyncio.sleep(0.1)  # what was passed on ends by itself

    def _cut(self) -> None:
        self._is_cut = True
        for end in self._ends:
            end.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        mine = {writer, far_writer}
        self._ends |= mine
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            self._ends -= mine


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def cable_to(server_port: int) -> Iterator[Cable]:
    """A cable that is whole at first."""
    cable = Cable(server_port)
    thread = threading.Thread(target=cable.run, daemon=True)
    thread.start()
    assert cable.is_up.wait(10)
    yield cable
    cable.stop()
    thread.join(10)
