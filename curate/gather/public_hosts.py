"""Which addresses the downloader may connect to: public ones, and what CURATE_ALLOW_HOSTS names.

Names are resolved here and the connection goes to the very address that was checked: between the check and the
connection no second answer of a name server can lead elsewhere (DNS rebinding). Every redirect comes by here again.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from curate import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_BUFFER_BYTES = 256 * 1024
# Ranges that Python's tables call public although they lead to this network or nowhere: IPv4-compatible and
# IPv4-translated addresses, local NAT64, site-local, documentation, segment routing, and IPv4's protocol assignments
# (RFC 4291, 6052, 8215, 9637, 9602, 6890, 7526).
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16"),
        *("192.0.0.0/24", "192.88.99.0/24"),
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # the upper half of the interface's identifier, before an IPv4 address


class PrivateAddress(Exception):
    """A host is not public and no setting names it; the message says which address it has."""


class UnknownHost(Exception):
    """A host's name has no address."""


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could reach this address: not loopback, private, link-local, metadata, ….

    >>> is_public(ipaddress.ip_address("93.184.216.34")), is_public(ipaddress.ip_address("169.254.169.254"))
    (True, False)
    >>> is_public(ipaddress.ip_address("::ffff:127.0.0.1")), is_public(ipaddress.ip_address("64:ff9b::a00:1"))
    (False, False)
    """
    if isinstance(address, ipaddress.IPv6Address) and not all(is_public(inner) for inner in _inner(address)):
        return False
    if any(address.version == network.version and address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that packets to this one would be carried to: mapped, 6to4, Teredo, NAT64 and ISATAP."""
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in inner if each is not None]


def is_allowed(host: str, address: Address) -> bool:
    """Whether a setting names the host or a network that the address lies in."""
    return any(_names(entry, host, address) for entry in settings.allowed_hosts())


async def checked(host: str, port: int) -> list[str]:
    """The host's addresses that may be connected to, in the resolver's order. Raises PrivateAddress, UnknownHost."""
    found = await _resolved(host, port)
    fit = [str(address) for address in found if is_public(address) or is_allowed(host, address)]
    if not fit:
        raise PrivateAddress(f"{host} is {found[0]}" if str(found[0]) != host else host)
    return fit


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, to checked addresses only, on asyncio's own streams.

    httpcore's connections go through anyio, whose look at every idle one costs four system calls; with these, a small
    picture takes half of the processor's time.
    """

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first of the host's checked addresses that answers."""
        addresses = await checked(host, port)
        failure: Exception = httpcore.ConnectError(f"{host} does not answer")
        for address in addresses:
            try:
                async with asyncio.timeout(timeout):
                    return _Stream(*await asyncio.open_connection(address, port, limit=_BUFFER_BYTES))
            except TimeoutError:
                failure = httpcore.ConnectTimeout(f"{host} did not answer")
            except OSError as error:
                failure = httpcore.ConnectError(str(error))
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Never: a socket file is this machine's own."""
        raise PrivateAddress(path)

    async def sleep(self, seconds: float) -> None:
        """Wait, between httpcore's own attempts."""
        await asyncio.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection as httpcore uses one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to so many bytes; none at the end."""
        with _mapped(httpcore.ReadTimeout, httpcore.ReadError):
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        with _mapped(httpcore.WriteTimeout, httpcore.WriteError):
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()

    async def aclose(self) -> None:
        """Close it, without waiting for a farewell."""
        self._writer.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted from here on; the server has to prove that it has that name."""
        with _mapped(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for: the TLS object, and whether an idle connection was closed by the other side."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.is_closing()
        return self._writer.get_extra_info({"client_addr": "sockname", "server_addr": "peername"}.get(info, info))


@contextmanager
def _mapped(timeout: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """What asyncio raises, as httpcore calls it."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except (OSError, EOFError) as error:  # ssl.SSLError is an OSError
        raise failure(str(error)) from error


async def _resolved(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label of over 63 letters
        raise UnknownHost(host) from error
    # A zone (fe80::1%eth0) is no part of the address, and what has one is never public.
    return [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


def _names(entry: str, host: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return entry.casefold() == host.casefold()
