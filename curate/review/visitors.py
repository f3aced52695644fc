"""The authenticated visitor's name: from a login's claims, or from the header of a trusted proxy."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from curate import settings
from curate.catalog.projects import clean_name
from curate.errors import BadInput, CurateError


class NotLoggedIn(CurateError):
    """The installation requires a login or a proxy, and the request has no name from it."""


def name_of_claims(claims: Mapping[str, Any]) -> str:
    """Returns the reviewer's name from a login's claims: the verified email, else the provider's user ID.

    Display names do not identify people: several share one, and they change.
    """
    email = claims.get("email") if claims.get("email_verified", True) else None
    return usable(str(email or claims.get("sub") or ""))


def name_in_header(raw: bytes) -> str:
    """Returns the name in the proxy's header, decoded as UTF-8, else Latin-1; "" for an invalid one."""
    try:
        return usable(raw.decode())
    except UnicodeDecodeError:
        return usable(raw.decode("latin-1"))


def usable(name: str) -> str:
    """Returns the name as it is stored, or "" for an invalid one."""
    try:
        return clean_name(name, "reviewer")
    except BadInput:
        return ""


def is_trusted(address: str) -> bool:
    """Whether the connection comes from a trusted proxy, so that its header counts."""
    try:
        sender = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(sender, "ipv4_mapped", None) or sender
    return any(mapped in network for network in settings.trusted_proxies())
