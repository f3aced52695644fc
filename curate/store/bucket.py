"""An object store (s3://, gs://, az://, file:// …) behind five calls. Every failure is one sentence, in bounded time.

obstore is imported with the first bucket: who keeps pictures in a folder never loads it.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from curate.errors import BadInput, NotFound, StoreDown

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

TIMEOUT_S = 8.0  # for one request; a photo of 20 MB takes that long at 20 Mbit/s
CONNECT_S = 3.0
PAUSE_S = 5.0  # for which nothing is asked of a store that did not answer: a page's 48 pictures wait once, not in turn
_HINT = "Nothing is lost. Check the network and CURATE_STORE; `curate doctor` says more."
_CLIENT: "ClientConfig" = {
    "timeout": timedelta(seconds=TIMEOUT_S),
    "connect_timeout": timedelta(seconds=CONNECT_S),
    "allow_http": True,  # of a server in the same room; AWS's and Google's addresses are https anyway
}
_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=TIMEOUT_S)}
_CREDENTIALS = ("AWS_", "GOOGLE_", "AZURE_")
_Result = TypeVar("_Result")


class Bucket:
    """Objects by key below an address. Raises BadInput for an address that means nothing.

    Writes are whole or not at all: an object appears once all of it has arrived.
    """

    def __init__(self, address: str) -> None:
        from obstore.store import from_url

        self.address = re.sub(r"//[^/@]*@", "//", address)  # for messages: without a password
        self._silent_until = 0.0
        try:
            if address.startswith("file:"):
                Path(address.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
                self._store = from_url(address)
            else:
                self._store = from_url(address, client_options=_CLIENT, retry_config=_RETRIES)
        except Exception as error:
            raise BadInput(f"The store {self.address} cannot be opened: {_first_line(error)}") from error

    def size(self, key: str) -> int | None:
        """Returns an object's bytes; None when there is none. Raises StoreDown."""
        import obstore

        try:
            return int(self._answer(lambda: obstore.head(self._store, key))["size"])
        except NotFound:
            return None

    def get(self, key: str) -> bytes:
        """Returns an object. Raises NotFound, StoreDown."""
        import obstore

        return self._answer(lambda: bytes(obstore.get(self._store, key).bytes()))

    def put(self, key: str, data: bytes) -> None:
        """Store an object, in place of one of that name. Raises StoreDown."""
        import obstore

        self._answer(lambda: obstore.put(self._store, key, data))

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error. Raises StoreDown."""
        import obstore

        with suppress(NotFound):
            self._answer(lambda: obstore.delete(self._store, key))

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yields (key, bytes) of every object below `prefix`. Raises StoreDown."""
        import obstore

        pages = iter(obstore.list(self._store, prefix=prefix, chunk_size=1000))
        while page := self._answer(lambda: next(pages, [])):
            for entry in page:
                yield entry["path"], entry["size"]

    def _answer(self, ask: Callable[[], _Result]) -> _Result:
        if time.monotonic() < self._silent_until:
            raise StoreDown(f"The picture store {self.address} does not answer.", _HINT)
        from obstore.exceptions import BaseError

        try:
            return ask()
        except (BaseError, OSError) as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> NotFound | StoreDown:
        from obstore import exceptions

        if isinstance(error, (exceptions.NotFoundError, FileNotFoundError)):
            if "NoSuchBucket" in str(error):
                return StoreDown(f"The picture store {self.address} does not exist.", _HINT)
            return NotFound("The store has no such object.")
        if isinstance(error, (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)):
            return StoreDown(f"The picture store {self.address} refuses this server.", _HINT)
        self._silent_until = time.monotonic() + PAUSE_S
        return StoreDown(f"The picture store {self.address} does not answer.", f"{_HINT} ({_first_line(error)})")


def _first_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error).strip().split("\n")[0])[:200]


def configured() -> Bucket | None:
    """Returns the bucket that CURATE_STORE names; None = pictures lie in CURATE_HOME."""
    address = os.environ.get("CURATE_STORE")
    return open_bucket(address) if address else None


def open_bucket(address: str) -> Bucket:
    """Returns the bucket at an address, or of a folder's path. Raises BadInput."""
    if "://" not in address:
        address = Path(address).expanduser().resolve().as_uri()
    # A bucket keeps its connections; it is another one with other credentials.
    variables = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith(_CREDENTIALS)))
    return _opened(address, variables)


@lru_cache(maxsize=8)
def _opened(address: str, _variables: tuple[tuple[str, str], ...]) -> Bucket:
    return Bucket(address)
