"""One picture from one address: streamed, within limits, tried again where the error can pass.

httpx does the talking, HTTP/2 where the server offers it: its transports, since its client would look at redirects,
cookies and logins of every answer, a third of the cost. No proxy of the environment is used: it would resolve names by
itself. Every host has connections and a pause of its own: what one
host asks for (`Retry-After`) holds up no other.
"""

import asyncio
import random
import ssl
import time
from collections import OrderedDict
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpcore
import httpx

from curate.gather.limits import Limits
from curate.gather.public_hosts import PrivateAddress, PublicOnly, UnknownHost
from curate.gather.refused import Refused

AGENT = "Curate/1 (gathers pictures for an image data set)"
HEADERS = {"User-Agent": AGENT, "Accept": "image/*,*/*;q=0.5", "Accept-Encoding": "identity"}
CAN_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})
MAX_REDIRECTS = 5
MAX_WAIT_S = 120.0  # a host that asks for more is left alone: its pictures are refused, with how long it asked for
IDLE_HOSTS = 32  # whose connections stay open
KEPT_OPEN_S = 15.0  # an idle connection
IN_MEMORY = 256_000  # bytes of a body that are held before they go to disk: most pictures never do
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class _CanPass(Exception):
    """An attempt failed in a way that another one may not. `wait_s`: how long the server asks to wait."""

    def __init__(self, reason: str, detail: str = "", wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.refused = Refused(reason, detail)
        self.wait_s = wait_s


class _Moved(Exception):
    """The answer is a redirect to `url`."""

    def __init__(self, url: httpx.URL) -> None:
        super().__init__(str(url))
        self.url = url


@dataclass
class Host:
    """A host's free connections (None = one that was not opened yet), and until when it wants to be left alone.

    One transport a connection: httpcore looks through all connections of a pool several times a request, and with six
    of them that was a quarter of the whole cost. The last used is taken first, so that few downloads open few.
    """

    free: asyncio.LifoQueue[httpx.AsyncHTTPTransport | None]
    n_users: int = 0
    paused_until: float = 0.0

    async def close(self) -> None:
        """Close the connections; nobody uses them any more."""
        while not self.free.empty():
            transport = self.free.get_nowait()
            if transport is not None:
                await transport.aclose()


class Downloader:
    """Fetches pictures into `folder`; one for a whole gathering, used inside `async with`, from one event loop."""

    def __init__(self, limits: Limits, folder: Path, trusted: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._folder = folder
        self._patience = {"timeout": httpx.Timeout(limits.timeout_s).as_dict()}
        self._trusted = trusted or httpx.create_ssl_context()
        self._hosts: OrderedDict[str, Host] = OrderedDict()
        self._at_once = asyncio.Semaphore(limits.at_once)
        self._n = 0

    async def __aenter__(self) -> "Downloader":
        return self

    async def __aexit__(self, *_error: object) -> None:
        for host in self._hosts.values():
            await host.close()

    async def fetch(self, address: str) -> bytes | Path:
        """The body at `address`, or the file it was streamed to when it is large (the caller's to remove).

        Raises Refused.
        """
        url = _parsed(address)
        n_tries = n_moves = 0
        while True:
            host = await self._host(url)
            try:
                return await self._in_turn(host, url)
            except _Moved as moved:
                n_moves += 1
                url = _followed(moved.url, n_moves)
            except _CanPass as failed:
                n_tries += 1
                await self._wait_or_give_up(host, failed, n_tries)
            finally:
                host.n_users -= 1

    async def _in_turn(self, host: Host, url: httpx.URL) -> bytes | Path:
        """An attempt, when a connection to the host is free, its pause over, and not too much under way in all."""
        transport = await host.free.get()
        try:
            await _until(host.paused_until)
            async with self._at_once:
                transport = transport or self._transport()
                return await self._attempt(transport, url)
        finally:
            host.free.put_nowait(transport)

    async def _wait_or_give_up(self, host: Host, failed: _CanPass, n_tries: int) -> None:
        if n_tries >= self._limits.tries:
            raise failed.refused
        if failed.wait_s is None:
            await asyncio.sleep(min(30.0, 0.5 * 2 ** (n_tries - 1)) * random.uniform(0.5, 1.0))
        elif failed.wait_s > MAX_WAIT_S:
            raise Refused(failed.refused.reason, f"The server asks to wait {failed.wait_s:,.0f} s.")
        else:
            host.paused_until = max(host.paused_until, time.monotonic() + failed.wait_s)

    async def _attempt(self, transport: httpx.AsyncHTTPTransport, url: httpx.URL) -> bytes | Path:
        """One request; what goes wrong in it as Refused, or as _CanPass where it is worth another."""
        try:
            async with asyncio.timeout(self._limits.total_s):
                request = httpx.Request("GET", url, headers=HEADERS, extensions=self._patience)
                answer = await transport.handle_async_request(request)
                answer.request = request
                try:
                    _check_answer(answer)
                    return await self._body(answer)
                finally:
                    await answer.aclose()
        except PrivateAddress as error:
            raise Refused(
                "The address is not public", f"{error}; name it in CURATE_ALLOW_HOSTS to allow it."
            ) from error
        except UnknownHost as error:
            raise _CanPass("The host is not known", f"{error} has no address.") from error
        except TimeoutError as error:
            raise Refused("It took too long", f"More than {self._limits.total_s:g} s.") from error
        except httpx.TimeoutException as error:
            raise _CanPass("The server did not answer", f"For {self._limits.timeout_s:g} s.") from error
        except httpx.TransportError as error:
            raise _transport_failure(error) from error
        except (httpx.DecodingError, httpx.InvalidURL) as error:
            raise Refused("The answer cannot be understood", str(error)[:200]) from error

    async def _body(self, answer: httpx.Response) -> bytes | Path:
        max_bytes = int(self._limits.max_mb * 1e6)
        announced = answer.headers.get("content-length", "")
        _check_bytes(int(announced[:18]) if announced.isdecimal() else 0, max_bytes)
        held, n_bytes = bytearray(), 0
        path: Path | None = None
        try:
            async for part in answer.aiter_raw():
                n_bytes += len(part)
                _check_bytes(n_bytes, max_bytes)
                held += part
                if len(held) > IN_MEMORY:
                    path = path or self._fresh_path()
                    await asyncio.to_thread(_append, path, bytes(held))
                    held.clear()
            if path is None:
                return bytes(held)
            await asyncio.to_thread(_append, path, bytes(held))
        except BaseException:  # also when cancelled: half a body is nobody's
            if path is not None:
                path.unlink(missing_ok=True)
            raise
        return path

    def _fresh_path(self) -> Path:
        self._n += 1
        return self._folder / f"{self._n}.part"

    async def _host(self, url: httpx.URL) -> Host:
        """The host's connections, made when there are none; the caller is counted as a user of them."""
        name = f"{url.scheme}://{url.host}:{url.port}"
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(asyncio.LifoQueue())
            for _ in range(self._limits.per_host):
                host.free.put_nowait(None)
        host.n_users += 1
        self._hosts.move_to_end(name)
        await self._close_idle()
        return host

    async def _close_idle(self) -> None:
        for name in [name for name, host in self._hosts.items() if not host.n_users]:
            if len(self._hosts) <= IDLE_HOSTS:
                return
            if self._hosts[name].paused_until < time.monotonic():
                await self._hosts.pop(name).close()

    def _transport(self) -> httpx.AsyncHTTPTransport:
        transport = httpx.AsyncHTTPTransport(verify=self._trusted, http2=True)
        transport._pool = httpcore.AsyncConnectionPool(  # httpx has no parameter for it; a test sees that it works
            ssl_context=self._trusted,
            max_connections=1,
            keepalive_expiry=KEPT_OPEN_S,
            http2=True,
            network_backend=PublicOnly(),
        )
        return transport


def retry_after_s(value: str | None, now_s: float) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or as a date; None when it says neither.

    now_s: the present as a Unix time.

    >>> retry_after_s("7", 0.0), retry_after_s("Thu, 01 Jan 1970 00:01:00 GMT", 20.0), retry_after_s("soon", 0.0)
    (7.0, 40.0, None)
    """
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now_s)
    except (ValueError, TypeError):
        return None


def _parsed(address: str) -> httpx.URL:
    """The address as it is, its query included, without the fragment."""
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as error:
        raise Refused("The address is no web address", str(error)[:200]) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused("The address is no web address", "It has to begin with http:// or https://.")
    return url


def _followed(url: httpx.URL, n_moves: int) -> httpx.URL:
    if n_moves > MAX_REDIRECTS:
        raise Refused("It is redirected again and again", f"More than {MAX_REDIRECTS} times.")
    return _parsed(str(url))


def _check_answer(answer: httpx.Response) -> None:
    """Raises for everything but a success."""
    status = answer.status_code
    if status in _REDIRECTS and "location" in answer.headers:
        try:
            raise _Moved(answer.request.url.join(answer.headers["location"]))
        except httpx.InvalidURL as error:
            raise Refused("It is redirected to no web address", str(error)[:200]) from error
    if status in CAN_PASS:
        wait_s = retry_after_s(answer.headers.get("retry-after"), time.time())
        raise _CanPass(f"The server answered {status} {answer.reason_phrase}".strip(), "", wait_s)
    if status != 200:
        raise Refused(f"The server answered {status} {answer.reason_phrase}".strip())
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):  # 7 kB of gzip in gzip unpack to gigabytes within one network read
        raise Refused("The answer is compressed", f"Content-Encoding: {encoding[:50]}, which was not asked for.")


def _check_bytes(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise Refused("It is too large", f"More than {max_bytes / 1e6:,.0f} MB.")


def _transport_failure(error: httpx.TransportError) -> Exception:
    causes = [error, error.__cause__, getattr(error.__cause__, "__cause__", None), error.__context__]
    text = str(error)[:200]
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes) or "CERTIFICATE_VERIFY" in text:
        return Refused("The server's certificate is not valid", text)
    if "[SSL" in text or any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Refused("No secure connection", text)
    if isinstance(error, httpx.UnsupportedProtocol):
        return Refused("The address is no web address", text)
    if isinstance(error, httpx.ConnectError):
        return _CanPass("The server cannot be reached", text)
    return _CanPass("The connection broke off", text)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


async def _until(moment_s: float) -> None:
    """Wait until the monotonic clock shows that."""
    while (left_s := moment_s - time.monotonic()) > 0:
        await asyncio.sleep(left_s)
