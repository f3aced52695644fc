"""Who is there, where somebody else has made sure of it: a login's claims, or the header of a trusted proxy."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from curate import settings
from curate.catalog.projects import clean_name
from curate.errors import BadInput, CurateError


class NotLoggedIn(CurateError):
    """Names come from a login or a proxy here, and this request brings none."""


def name_of_claims(claims: Mapping[str, Any]) -> str:
    """The reviewer's name of somebody who logged in: the address of mail, which nobody shares or chooses, else the
    provider's own number for the person. Their name would do for neither: people share and change those."""
    email = claims.get("email") if claims.get("email_verified", True) else None
    return usable(str(email or claims.get("sub") or ""))


def name_in_header(raw: bytes) -> str:
    """The name in the proxy's header, "" when it is none: UTF-8, else Latin-1, as servers write them."""
    try:
        return usable(raw.decode())
    except UnicodeDecodeError:
        return usable(raw.decode("latin-1"))


def usable(name: str) -> str:
    """The name as it is stored, or "" for one that cannot be."""
    try:
        return clean_name(name, "reviewer")
    except BadInput:
        return ""


def is_trusted(address: str) -> bool:
    """Whether the proxy's header counts when the connection comes from this address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in settings.trusted_proxies())
