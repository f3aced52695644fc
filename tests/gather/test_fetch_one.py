"""One picture from one address, by the rules of gathering."""

import pytest

from curate import settings
from curate.errors import BadInput
from curate.gather import fetch_one
from tests.gather.web import Site, serving


def test_a_picture_is_fetched_from_a_host_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Site()) as site:
        site.url = site.url or "http://127.0.0.1"
        address = site.add("/a.png", b"picture")
        with pytest.raises(BadInput, match="not public"):
            fetch_one.fetch_one(address)
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
        assert fetch_one.fetch_one(f" {address} ") == b"picture"
        with pytest.raises(BadInput, match="404"):
            fetch_one.fetch_one(site.url + "/none.png")
    assert list((settings.home() / "incoming").iterdir()) == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "no address", "http://"])
def test_what_is_no_web_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(BadInput, match="cannot be fetched"):
        fetch_one.fetch_one(address)
