"""Openverse: openly licensed pictures through its public API, anonymously or as a registered client.

Follows the API as the WordPress/openverse repository defines it (api/api/serializers, api/api/utils/throttle.py):
`GET /v1/images/` with q, page, page_size, license, license_type, source, aspect_ratio, size, extension; errors as
{"detail": a sentence, or {field: [sentences]}}; 401 for a page or depth that is not allowed, 429 with Retry-After.
"""

import time
from typing import Any

import httpx

from curate import settings
from curate.catalog.candidates import Found
from curate.catalog.gatherings import SearchRow
from curate.gather.downloader import AGENT, retry_after_s
from curate.gather.search import Page, Pause, SearchFailed
from curate.gather.search.connection import check_connection

# api/api/constants/restricted_features.py: pages of at most 20 for everybody and 50 for registered clients, and for
# both no more than 240 results of a query: 12 pages of 20, 5 of 48.
PAGE_SIZE, PAGE_SIZE_REGISTERED, MAX_DEPTH = 20, 48, 240
MAX_QUERY = 200
OPTIONS: dict[str, tuple[str, ...]] = {
    "license_type": ("commercial", "modification", "all-cc", "all"),
    "license": ("cc0", "pdm", "by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd", "sampling+", "nc-sampling+"),
    "size": ("small", "medium", "large"),
    "aspect_ratio": ("tall", "wide", "square"),
    "extension": ("jpg", "png", "gif", "webp"),
    "source": (),  # any: flickr, wikimedia, met, …; `/v1/images/stats/` lists them
}
MAX_PAUSE_S = 300.0
_TRIES = 4
_RENEW_S = 5.0  # before a token runs out
_CREDIT = {
    "title": "title",
    "creator": "creator",
    "creator_url": "creator_url",
    "license_url": "licence_url",
    "foreign_landing_url": "landing_page",
    "attribution": "attribution",
    "source": "provider",
}


class Openverse:
    """Searches `/v1/images/`. With CURATE_OPENVERSE_ID and _SECRET set it asks for a token first and renews it."""

    def __init__(self) -> None:
        self._client = httpx.Client(base_url=settings.openverse_url(), timeout=30, headers={"User-Agent": AGENT})
        self._token = ""
        self._token_until = 0.0
        self._is_reached = False

    def close(self) -> None:
        """Let its connections go."""
        self._client.close()

    def find(self, search: SearchRow, pause: Pause) -> Page:
        """A page of results, with creator, licence, title and landing page. Raises SearchFailed."""
        size = PAGE_SIZE_REGISTERED if settings.openverse_client() else PAGE_SIZE
        page = (search.cursor or 0) + 1
        chosen = {name: _joined(search.options[name]) for name in OPTIONS if search.options.get(name)}
        query = {"q": search.query[:MAX_QUERY], "page": page, "page_size": size, **chosen}
        answer = self._get("/v1/images/", query, pause) if page * size <= MAX_DEPTH else None
        if answer is None:
            return Page([], page, is_last=True)
        found = [_found(result) for result in answer.get("results", []) if result.get("url")]
        return Page(found, page, page >= int(answer.get("page_count") or 0) or (page + 1) * size > MAX_DEPTH)

    def _get(self, path: str, params: dict[str, Any], pause: Pause) -> dict[str, Any] | None:
        """The answer as JSON; None where it ends: anonymous users may not see more."""
        if not self._is_reached:
            check_connection("Openverse", settings.openverse_url())
            self._is_reached = True
        for n_tries in range(1, _TRIES + 1):
            try:
                answer = self._client.get(path, params=params, headers=self._authorization(pause))
            except httpx.TransportError as error:
                self._wait_or_fail(n_tries, None, f"Openverse cannot be reached: {error}", pause)
                continue
            if answer.status_code == 401 and self._token and n_tries == 1:
                self._token = ""  # it ran out, or was taken back: ask for another
                continue
            if answer.status_code == 401 and not self._token and params["page"] > 1:
                return None
            if answer.status_code == 429 or answer.status_code >= 500:
                wait_s = retry_after_s(answer.headers.get("retry-after"), time.time())
                self._wait_or_fail(n_tries, wait_s, _sentence(answer), pause)
                continue
            return _json(answer)
        raise SearchFailed("Openverse did not answer.", "Resume later.")

    def _wait_or_fail(self, n_tries: int, wait_s: float | None, what: str, pause: Pause) -> None:
        if wait_s is not None and wait_s > MAX_PAUSE_S:
            raise SearchFailed(
                f"Openverse allows no more requests for {_in_words(wait_s)}.",
                "Resume then; a registered client may ask more often.",
            )
        if n_tries == _TRIES:
            raise SearchFailed(what, "Resume later.")
        pause(2.0**n_tries if wait_s is None else wait_s, "Openverse")

    def _authorization(self, pause: Pause) -> dict[str, str]:
        known = settings.openverse_client()
        if known is None:
            return {}
        if not self._token or time.monotonic() > self._token_until - _RENEW_S:
            self._renew(*known, pause)
        return {"Authorization": f"Bearer {self._token}"}

    def _renew(self, client_id: str, client_secret: str, pause: Pause) -> None:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        for n_tries in range(1, _TRIES + 1):
            answer = self._client.post("/v1/auth_tokens/token/", data=form)
            if answer.status_code == 429 or answer.status_code >= 500:
                wait_s = retry_after_s(answer.headers.get("retry-after"), time.time())
                self._wait_or_fail(n_tries, wait_s, _sentence(answer), pause)
                continue
            break
        if answer.status_code != 200:
            raise SearchFailed(
                f"Openverse does not know this client: {_detail(answer)}",
                "Check CURATE_OPENVERSE_ID and CURATE_OPENVERSE_SECRET, or unset both to search anonymously.",
            )
        token = answer.json()
        self._token, self._token_until = token["access_token"], time.monotonic() + float(token["expires_in"])


def register(name: str, description: str, email: str) -> dict[str, str]:
    """{client_id, client_secret, name, msg} of a new client; its e-mail has to be confirmed. Raises SearchFailed."""
    form = {"name": name, "description": description, "email": email}
    try:
        answer = httpx.post(
            f"{settings.openverse_url()}/v1/auth_tokens/register/", json=form, timeout=30, headers={"User-Agent": AGENT}
        )
    except httpx.TransportError as error:
        raise SearchFailed(f"Openverse cannot be reached: {error}") from error
    if answer.status_code != 201:
        raise SearchFailed(_sentence(answer))
    made: dict[str, str] = answer.json()
    return made


def _found(result: dict[str, Any]) -> Found:
    credit = {name: str(result[key]) for key, name in _CREDIT.items() if result.get(key)}
    if result.get("license"):
        version = result.get("license_version") or ""
        credit["licence"] = f"{_mark(result['license'])} {version}".strip()
    return Found(result["url"], credit, str(result.get("thumbnail") or ""), f"openverse:{result.get('id')}")


def _mark(licence: str) -> str:
    """A licence's code as people write it.

    >>> _mark("by-sa"), _mark("cc0"), _mark("pdm")
    ('CC BY-SA', 'CC0', 'Public Domain Mark')
    """
    named = {"cc0": "CC0", "pdm": "Public Domain Mark", "sampling+": "CC Sampling+", "nc-sampling+": "CC NC-Sampling+"}
    return named.get(licence, f"CC {licence.upper()}")


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _json(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        raise SearchFailed(_sentence(answer))
    try:
        found: dict[str, Any] = answer.json()
    except ValueError as error:
        raise SearchFailed(
            "Openverse answered with something that is not JSON.", "Is CURATE_OPENVERSE_URL right?"
        ) from error
    return found


def _sentence(answer: httpx.Response) -> str:
    return f"Openverse refused ({answer.status_code}): {_detail(answer)}"


def _detail(answer: httpx.Response) -> str:
    """The API's own words, whichever of its two forms they come in."""
    try:
        body = answer.json()
    except ValueError:
        return answer.reason_phrase or "no reason given"
    detail = (
        body.get("detail", body.get("error_description", body.get("error", body))) if isinstance(body, dict) else body
    )
    if isinstance(detail, dict):
        said = {name: each if isinstance(each, list) else [each] for name, each in detail.items()}
        return "; ".join(f"{name}: {' '.join(map(str, each))}" for name, each in said.items())[:300]
    return str(detail)[:300]


def _in_words(seconds: float) -> str:
    return f"{seconds / 3_600:.1f} hours" if seconds > 5_400 else f"{seconds / 60:.0f} minutes"
