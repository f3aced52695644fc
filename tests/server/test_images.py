"""Pictures over HTTP: what comes, what may be cached, and what is not there."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import store
from curate.server import images


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=images.routes())) as client:
        yield client


@pytest.mark.parametrize(("kind", "size"), [("thumb", (320, 160)), ("view", (800, 400))])
def test_a_picture_comes_as_webp_to_be_kept_for_ever(client: TestClient, kind: str, size: tuple[int, int]) -> None:
    buffer = BytesIO()
    Image.new("RGB", (800, 400), "teal").save(buffer, "TIFF")
    answer = client.get(f"/images/{store.add_blob(buffer.getvalue())}/{kind}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Image.open(BytesIO(answer.content)).size == size


def test_the_original_is_a_download_whatever_it_is(client: TestClient, picture: Callable[..., bytes]) -> None:
    sha = store.add_blob(b"<script>alert(1)</script>")
    answer = client.get(f"/images/{sha}/original", params={"name": "a\r\n\"b'/ü.html"})
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''a%0D%0A%22b%27/%C3%BC.html"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("kind", ["thumb", "view", "original"])
@pytest.mark.parametrize("sha", ["0" * 64, "0" * 63, "A" * 64, "..%2F..%2Fsecret", "٣" * 64])
def test_what_is_not_there_is_404_and_not_remembered(client: TestClient, kind: str, sha: str) -> None:
    answer = client.get(f"/images/{sha}/{kind}")
    assert answer.status_code == 404
    if "%" not in sha:
        assert (answer.text, answer.headers["cache-control"]) == ("There is no such picture.", "no-store")


def test_a_blob_that_is_no_picture_is_404(client: TestClient) -> None:
    assert client.get(f"/images/{store.add_blob(b'not a picture')}/thumb").status_code == 404
