"""Pictures in a bucket of a real S3 server over HTTP: the whole way of a project, and a server that is slow or gone."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import settings, store
from curate.catalog import images as rows
from curate.catalog import projects
from curate.cli import main
from curate.errors import NotFound, StoreDown
from curate.server import images
from curate.store import bucket, copying, local_copies, remote_blobs
from tests import s3


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[s3.Server]:
    server = s3.Server()
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    yield server
    server.kill()


def curate(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(list(args)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def local_files() -> list[str]:
    return sorted(path.name for path in (settings.home() / "blobs").rglob("*") if path.is_file())


def forget_copies() -> None:
    for path in local_copies.path_of("").rglob("*"):
        if path.is_file():
            path.unlink()


def test_a_project_is_imported_looked_at_decided_applied_and_exported(
    server: s3.Server, pictures: Callable[..., list[Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = pictures(tmp_path / "pets", {"cats": 12, "dogs": 12})
    curate(capsys, "import", "pets", str(tmp_path / "pets"))
    assert local_files() == []
    forget_copies()  # another server, or an emptied cache
    curate(capsys, "quick", "pets")
    project_id = projects.find_by_key("pets").id
    first = rows.hashes(project_id).image_ids.tolist()[0]
    row = rows.image_rows([first])[0]
    other = "dogs" if row.provenance["path"].startswith("cats") else "cats"
    curate(capsys, "decide", "pets", str(first), "relabel", other)
    curate(capsys, "apply", "pets")
    forget_copies()
    curate(capsys, "export", "pets", str(tmp_path / "out"))
    written = {path.name: path for path in (tmp_path / "out").rglob("*.png")}
    stored = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "out").rglob("*.png")}
    assert written and stored == {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert (tmp_path / "pets" / row.provenance["path"]).read_bytes() in [
        path.read_bytes() for path in (tmp_path / "out").rglob(f"{other}/*.png")
    ]


def test_the_same_picture_is_stored_once_and_gone_once_erased(server: s3.Server, picture: Callable[..., bytes]) -> None:
    sha = store.add_blob(picture(1))
    assert store.add_blob(picture(1)) == sha and store.has_blob(sha)
    assert store.blob_path(sha).read_bytes() == picture(1)
    store.thumbnail_path(sha)
    assert store.remove_blob(sha) > 0
    assert not store.has_blob(sha)
    with pytest.raises(NotFound, match="No stored picture is named"):
        store.blob_path(sha)
    store.add_blob(picture(1))  # the local copy that another server has must not stand for the object
    assert store.has_blob(sha)


def test_many_paths_fetch_each_picture_as_it_is_opened(server: s3.Server, picture: Callable[..., bytes]) -> None:
    shas = [store.add_blob(picture(seed)) for seed in range(3)]
    forget_copies()
    paths = store.blob_paths(shas)
    assert list(local_copies.path_of("blobs").rglob("*.*")) == []
    assert paths[1].read_bytes() == picture(1)
    with Image.open(paths[2]) as opened:
        assert opened.size == (8, 8)
    assert [store.blob_path(sha).exists() for sha in shas] == [True] * 3


def test_local_copies_stay_below_their_limit(
    server: s3.Server, picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    shas = [store.add_blob(picture(seed, side=32)) for seed in range(12)]
    hour_ago = time.time() - 3600
    for age, sha in enumerate(shas):
        os.utime(local_copies.path_of(remote_blobs.blob_key(sha)), (hour_ago + age, hour_ago + age))
    monkeypatch.setenv("CURATE_CACHE_GB", str(5 * len(picture(0, side=32)) / 1e9))
    local_copies.trim()
    kept = [sha for sha in shas if local_copies.path_of(remote_blobs.blob_key(sha)).exists()]
    assert kept == shas[-4:]  # what was used last; four fit into nine tenths of five
    assert all(store.blob_path(sha).is_file() for sha in shas)


def test_a_cold_page_of_thumbnails_comes_from_the_bucket_without_the_originals(
    server: s3.Server, picture: Callable[..., bytes]
) -> None:
    shas = [store.add_blob(picture(seed)) for seed in range(48)]
    made = [store.thumbnail_path(sha).read_bytes() for sha in shas]
    forget_copies()
    store.fetch_thumbnails(shas)
    with TestClient(Starlette(routes=images.routes())) as client:
        assert [client.get(f"/images/{sha}/thumb").content for sha in shas] == made
    assert [path for path in local_copies.path_of("blobs").rglob("*") if path.is_file()] == []


def test_a_store_that_is_silent_or_gone_says_so_in_place_of_the_picture_and_loses_nothing(
    server: s3.Server, picture: Callable[..., bytes]
) -> None:
    sha, here = store.add_blob(picture(1)), store.add_blob(picture(2))
    store.thumbnail_path(here)
    local_copies.remove(remote_blobs.blob_key(sha))
    with TestClient(Starlette(routes=images.routes())) as client:
        server.freeze()
        begin = time.monotonic()
        shown = client.get(f"/images/{sha}/thumb", headers={"Accept": "image/avif,image/webp,image/*,*/*"})
        assert time.monotonic() - begin < 20
        assert (shown.status_code, shown.headers["content-type"]) == (503, "image/svg+xml")
        assert "does not" in shown.text and shown.headers["cache-control"] == "no-store"
        begin = time.monotonic()
        others = [client.get(f"/images/{n:064x}/thumb", headers={"Accept": "application/json"}) for n in range(48)]
        assert time.monotonic() - begin < 2  # nobody waits again for what did not answer just now
        assert {answer.status_code for answer in others} == {503}
        assert others[0].json()["repeat"] and "does not answer" in others[0].json()["error"]
        assert client.get(f"/images/{here}/thumb").status_code == 200
        with pytest.raises(StoreDown, match=r"s3://pictures/curate does not answer"):
            store.add_blob(picture(3))
        server.thaw()
        time.sleep(bucket.PAUSE_S)
        assert client.get(f"/images/{sha}/thumb").status_code == 200
        server.kill()
        assert client.get(f"/images/{sha}/view", headers={"Accept": "text/html"}).status_code in (200, 503)
        assert client.get(f"/images/{'0' * 64}/original").status_code == 503
    assert store.blob_path(sha).read_bytes() == picture(1)


def test_a_bucket_that_does_not_exist_is_one_sentence(server: s3.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_STORE", "s3://nowhere")
    with pytest.raises(StoreDown, match="s3://nowhere does not exist"):
        store.add_blob(b"x")


def test_an_import_that_lost_its_store_goes_on_when_it_is_back(
    server: s3.Server, pictures: Callable[..., list[Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "pets", {"cats": 4, "dogs": 4})
    server.kill()
    assert main(["import", "pets", str(tmp_path / "pets")]) == 1
    assert "does not answer" in capsys.readouterr().err
    server.start()
    curate(capsys, "import", "pets", str(tmp_path / "pets"))
    assert len(rows.hashes(projects.find_by_key("pets").id).image_ids) == 8


def test_a_store_is_copied_both_ways_and_goes_on_after_its_server_was_killed(
    server: s3.Server, picture: Callable[..., bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = os.environ["CURATE_STORE"]
    monkeypatch.delenv("CURATE_STORE")
    home = str(settings.home())
    shas = [store.add_blob(picture(seed)) for seed in range(200)]
    (tmp_path / "linked.png").write_bytes(picture(999))
    store.link_blob(tmp_path / "linked.png", hashlib.sha256(picture(999)).hexdigest())

    def kill(done: int, total: int) -> None:
        assert total == 200
        if done == 20:
            server.kill()

    with pytest.raises(StoreDown):
        copying.copy(home, address, False, kill)
    server.start()
    time.sleep(bucket.PAUSE_S)
    assert copying.copy(home, address, True, lambda *_: None) == copying.Copied(200, 0)
    assert copying.copy(home, address, False, lambda *_: None) == copying.Copied(0, 200)

    other = str(tmp_path / "other")
    assert main(["copy-store", address, other]) == 0
    one = tmp_path / "other" / "blobs" / shas[0][:2] / shas[0][2:]
    monkeypatch.setenv("CURATE_HOME", other)
    assert [store.blob_path(sha).read_bytes() for sha in shas] == [picture(seed) for seed in range(200)]
    one.write_bytes(one.read_bytes()[::-1])  # of the same size: only a hash tells
    assert copying.copy(address, other, False, lambda *_: None).n_there == 200
    assert copying.copy(address, other, True, lambda *_: None) == copying.Copied(1, 199)
    one.write_bytes(b"damaged")
    damaged = copying.copy(other, address, True, lambda *_: None)
    assert [key for key, _ in damaged.failed] == [f"blobs/{shas[0][:2]}/{shas[0][2:]}"]


def test_a_large_photo_is_made_small_for_all_servers_once(server: s3.Server) -> None:
    buffer = BytesIO()
    Image.new("RGB", (1600, 1200), "teal").save(buffer, "JPEG")
    sha = store.add_blob(buffer.getvalue())
    store.thumbnail_path(sha)
    forget_copies()
    remote = bucket.configured()
    assert remote and remote.size(f"thumbnails/{sha[:2]}/{sha[2:]}.webp")
    with Image.open(store.thumbnail_path(sha)) as small:
        assert small.size == (320, 240)
