"""Pictures by their address, fetched under the rules of gathering: public hosts only, limits of size and time."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from pydantic import Field, ValidationError
from starlette.requests import Request

from curate.errors import BadPicture
from curate.gather.limits import Limits
from curate.gather.refused import Refused
from curate.server.answering import read_body
from curate.server.api.fields import Fields
from curate.server.api.problems import Unusable, mistakes_of

MOST = 8  # addresses in a request
Address = Annotated[str, Field(min_length=1, max_length=8_000, description="begins with http:// or https://")]
_LIMITS = Limits(max_mb=20.0, timeout_s=10.0, total_s=30.0, tries=1)


class AddressBody(Fields):
    """Where pictures lie."""

    url: Address | Annotated[list[Address], Field(min_length=1, max_length=MOST)]

    @property
    def addresses(self) -> list[str]:
        """All of them."""
        return [self.url] if isinstance(self.url, str) else self.url


SCHEMA: dict[str, Any] = {"$ref": "#/components/schemas/AddressBody"}


async def read(request: Request) -> list[str]:
    """The addresses in a JSON body. Raises Unusable, TooLarge."""
    try:
        return AddressBody.model_validate_json(await read_body(request)).addresses
    except ValidationError as error:
        raise Unusable(mistakes_of(error, "body")) from error


async def fetch(addresses: Sequence[str], count: Callable[[int], None]) -> list[tuple[str, bytes]]:
    """(address, content) of each; count: called with the bytes of each before they are held, may raise.

    Raises BadPicture, with the first reason, unless all can be had.
    """
    from curate.gather.downloader import Downloader  # httpx: not before it is needed

    with tempfile.TemporaryDirectory() as folder:
        async with Downloader(_LIMITS, Path(folder), await to_thread.run_sync(_trusted)) as downloader:
            bodies = await asyncio.gather(*map(downloader.fetch, addresses), return_exceptions=True)
        for address, body in zip(addresses, bodies, strict=True):
            if isinstance(body, Refused):
                raise _refusal(address, body) from body
            if isinstance(body, BaseException):
                raise body
        arrived = [body for body in bodies if isinstance(body, bytes | Path)]
        count(sum(len(body) if isinstance(body, bytes) else body.stat().st_size for body in arrived))
        return list(zip(addresses, await to_thread.run_sync(_contents, arrived), strict=True))


def _refusal(address: str, refused: Refused) -> BadPicture:
    sentence = f"{address:.200} cannot be fetched: {refused.reason[:1].lower()}{refused.reason[1:]}."
    return BadPicture(f"{sentence} {refused.detail}".strip())


def _contents(bodies: Sequence[bytes | Path]) -> list[bytes]:
    return [body if isinstance(body, bytes) else body.read_bytes() for body in bodies]


@lru_cache(maxsize=1)
def _trusted() -> Any:
    """Certificates; reading them takes some 20 ms."""
    import httpx

    return httpx.create_ssl_context()
