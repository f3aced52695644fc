"""Whether a source can be reached at all, known within a few seconds: before a search whose library tries for long."""

import socket
import threading
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from curate.gather.search import NoConnection

PATIENCE_S = 3.0
_HINT = "Check the server's connection to the internet, then resume."


def check_connection(source: str, url: str, proxy: str | None = None) -> None:
    """Open and close a connection to the host of `url`, or to the proxy: the one given or the environment's.

    Raises NoConnection, naming the source, after three seconds at the latest: name servers that do not answer
    cost a resolver ten.
    """
    host, port = _first_hop(url, proxy)
    failures: list[OSError] = []
    opening = threading.Thread(target=_open, args=(host, port, failures), daemon=True)
    opening.start()
    opening.join(PATIENCE_S)
    if opening.is_alive():
        raise NoConnection(f"{source} cannot be reached: {host} does not answer.", _HINT)
    if failures:
        raise NoConnection(f"{source} cannot be reached: {_in_words(host, failures[0])}", _HINT)


def _first_hop(url: str, proxy: str | None) -> tuple[str, int]:
    parts = urlsplit(url)
    if proxy is None and not proxy_bypass(parts.hostname or ""):
        proxy = getproxies().get(parts.scheme)
    if proxy:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}", "http")
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _open(host: str, port: int, failures: list[OSError]) -> None:
    try:
        socket.create_connection((host, port), timeout=PATIENCE_S).close()
    except OSError as error:
        failures.append(error)


def _in_words(host: str, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"the name {host} is not known here."
    if isinstance(error, TimeoutError):
        return f"{host} does not answer."
    if isinstance(error, ConnectionRefusedError):
        return f"{host} refuses the connection."
    return f"there is no way to {host} ({error.strerror or error})."
