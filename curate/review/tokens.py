"""Reviewer tokens: a signed, dated name that a page gives to its script, which sends it back in a header.

A header, not a cookie: another site can make a browser send cookies, but can neither read nor set this header.
"""

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from curate import settings
from curate.errors import CurateError

HEADER = "X-Curate-Token"
MAX_AGE_S = 7 * 86_400  # a grid left open over a long weekend still saves


class BadToken(CurateError):
    """A token is missing, was not signed by this installation, or is older than `MAX_AGE_S`."""


def sign(reviewer: str) -> str:
    """Returns a token whose bearer decides as `reviewer`; its characters are safe in headers and URLs."""
    return _serializer().dumps(reviewer)


def reviewer_of(token: str, max_age_s: int = MAX_AGE_S) -> str:
    """Returns the reviewer of a token. Raises BadToken with a hint on what to do."""
    try:
        return str(_serializer().loads(token, max_age=max_age_s))
    except SignatureExpired as error:
        raise BadToken("This page has been open for too long.", "Reload it; what you decided is kept.") from error
    except BadData as error:
        raise BadToken("This page and the server no longer know each other.", "Reload the page.") from error


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret(), salt="curate.reviewer")
