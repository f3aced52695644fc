"""One picture from one address, for somebody who waits for it: the rules of gathering, fewer attempts."""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

from curate import store
from curate.errors import BadInput
from curate.gather.downloader import Downloader
from curate.gather.limits import Limits
from curate.gather.refused import Refused

_LIMITS = Limits(tries=2, total_s=20.0, timeout_s=10.0)


def fetch_one(address: str) -> bytes:
    """The bytes at a public address. Raises BadInput, with the reason, when they cannot be had."""
    folder = store.incoming_folder()
    try:
        body = asyncio.run(_fetch(address.strip(), folder))
        return body.read_bytes() if isinstance(body, Path) else body
    except Refused as refused:
        detail = f" {refused.detail}" if refused.detail else ""
        raise BadInput(f"The address cannot be fetched. {refused.reason}.{detail}") from refused
    finally:
        store.remove_incoming(folder)


def name_in(address: str) -> str:
    """What to call the picture at an address: the last part of its path, else the host.

    >>> name_in("https://a.example/cats/big%20tom.jpg?w=200"), name_in("https://a.example/")
    ('big tom.jpg', 'a.example')
    """
    parts = urlsplit(address.strip())
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc or "picture"


async def _fetch(address: str, folder: Path) -> bytes | Path:
    async with Downloader(_LIMITS, folder) as downloader:
        return await downloader.fetch(address)
