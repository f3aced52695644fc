"""The downloader against servers that misbehave: every address ends as kept or refused, with its reason."""

import asyncio
import io
import itertools
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import trustme
from PIL import Image

from curate import store
from curate.catalog import candidates, gatherings, images, projects
from curate.catalog.candidates import Found
from curate.gather.collect import GatherResult, gather
from curate.gather.downloader import Downloader
from curate.gather.limits import Limits
from curate.gather.near_duplicates import perceptual_hash
from curate.gather.public_hosts import is_public
from curate.gather.refused import Refused
from curate.gather.search import url_list
from curate.gather.store_download import take_in
from curate.gather.watch import Watch
from curate.pictures import open_picture
from tests.gather.web import Site, send, serving

HASTE: dict[str, Any] = {"timeout_s": 0.5, "total_s": 1.2, "tries": 2, "max_mb": 0.3, "min_side_px": 32}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
    with serving(Site()) as made:
        yield made


def watch() -> Watch:
    return Watch(lambda message, tallies: None, lambda: None, lambda: False, time.sleep)


def gathered(urls: list[str], **limits: Any) -> tuple[int, GatherResult, dict[str, tuple[str, str]]]:
    """(project, result, {address: (state, reason)}) of a gathering of these addresses under one label."""
    project_id = projects.create_project("pets")
    searches = url_list.lay_down(((None, Found(url)) for url in urls), "cats", "the list")
    gathering_id = gatherings.create_gathering(
        project_id, "Gather", "Ada", searches, Limits(**(HASTE | limits)).to_json()
    )
    result = gather(gathering_id, watch())
    rows = reversed(candidates.first_found(gathering_id, 0, 1_000))  # the first of an address that came twice counts
    return project_id, result, {row.url: (row.state, row.reason or "") for row in rows}


def fetched(url: str, tmp_path: Path, **limits: Any) -> bytes | Path:
    async def fetch() -> bytes | Path:
        async with Downloader(Limits(**(HASTE | limits)), tmp_path) as downloader:
            return await downloader.fetch(url)

    return asyncio.run(fetch())


def redirect(to: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, 302, b"", "text/plain", Location=to)


def by_turns(*answers: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
    """One answer after the other, the last one for ever."""
    turns = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda handler: next(turns)(handler)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """As much as anybody takes, its length not told."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    while True:
        handler.wfile.write(b"\xff" * 65_536)


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Less than was promised."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b"x" * 1_000)
    handler.close_connection = True


def bomb() -> bytes:
    """A PNG of 20,000 x 20,000 white points in 49 kB."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(2_501) * 20_000, 9)
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def test_every_address_ends_as_kept_or_refused_and_the_totals_add_up(
    site: Site, picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [picture(number, side=64) for number in range(8)]
    busy = lambda handler: send(handler, 429, b"", "text/plain", Retry_After="1")  # noqa: E731
    broken = lambda handler: send(handler, 500, b"", "text/plain")  # noqa: E731
    fine = lambda handler: send(handler, 200, good[2], "image/png")  # noqa: E731
    fine_too = lambda handler: send(handler, 200, good[3], "image/png")  # noqa: E731
    jpeg = picture(9, kind="JPEG", side=200)
    larger = saved(Image.open(io.BytesIO(picture(11, side=64))).resize((200, 200), Image.Resampling.LANCZOS), "JPEG")
    expected = {
        site.add("/good.png", good[0]): "",
        site.add("/named.txt", lambda handler: send(handler, 200, good[1], "text/html")): "",
        site.add("/busy.png", by_turns(busy, fine)): "",
        site.add("/shaky.png", by_turns(broken, fine_too)): "",
        site.add("/q?id=1", good[4]): "",
        site.add("/q?id=2", good[5]): "",
        site.add("/moved.png", redirect("/real.png")): "",
        site.add("/gone.png", lambda handler: send(handler, 410, b"", "text/plain")): "The server answered 410 Gone",
        site.add("/always.png", broken): "The server answered 500 Internal Server Error",
        site.add("/drip.png", drip): "It took too long",
        site.add("/silent.png", lambda handler: time.sleep(2)): "The server did not answer",
        site.add("/cut.png", cut_off): "The connection broke off",
        site.add("/half.jpg", jpeg[: len(jpeg) // 2]): "The picture file is cut short",
        site.add("/page.jpg", b"<!doctype html><p>Not found"): "Not a readable picture: a web page",
        site.add("/drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"): (
            "Not a readable picture: an SVG drawing, which has no pixels"
        ),
        site.add("/bomb.png", bomb()): "It has too many pixels",
        site.add("/empty.png", b""): "The answer is empty",
        site.add("/endless.png", endless): "It is too large",
        site.add("/round", redirect("/round")): "It is redirected again and again",
        site.add("/metadata", redirect("http://169.254.169.254/latest")): "The address is not public",
        site.add("/inside", redirect("http://10.0.0.1/secret.png")): "The address is not public",
        site.add("/to-file", redirect("file:///etc/passwd")): "The address is no web address",
        site.add("/small.png", picture(10)): "It is too small",
        site.add("/strip.png", saved(Image.new("RGB", (400, 40)))): "It is too long and narrow",
        site.add("/same.png", good[0]): "The same picture came before",
        site.add("/base.png", picture(11, side=64)): "",
        site.add("/larger.jpg", larger): "A near-duplicate came before",
        site.url.replace("http:", "https:") + "/good.png": "No secure connection",
        "http://[::1]:9/x.png": "The address is not public",
        "ftp://127.0.0.1/x.png": "The address is no web address",
        "nonsense": "The address is no web address",
    }  # fmt: skip
    site.add("/real.png", good[6])
    project_id, result, ended = gathered([*expected, site.url + "/good.png"])
    assert {url: reason for url, (_, reason) in ended.items()} == expected
    assert {url for url, (state, _) in ended.items() if state == "kept"} == {
        url for url in expected if not expected[url]
    }
    assert (result.n_found, result.n_kept, result.n_refused) == (32, 8, 24)
    reasons = dict(candidates.reasons(result.gathering_id))
    assert (reasons["The address is not public"], reasons["Found twice"], sum(reasons.values())) == (3, 1, 24)
    assert len(images.hashes(project_id).image_ids) == 8
    assert not list(store.settings.home().glob("incoming/*/*.part"))


def test_a_certificate_that_nobody_vouches_for_is_refused_and_a_trusted_one_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, picture: Callable[..., bytes]
) -> None:
    import ssl

    monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.0/8")
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    with serving(Site(), server_side) as site:
        url = site.add("/a.png", picture(1))
        with pytest.raises(Refused, match="certificate is not valid"):
            fetched(url, tmp_path)
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)

        async def fetch() -> bytes | Path:
            async with Downloader(Limits(**HASTE), tmp_path, trusting) as downloader:
                return await downloader.fetch(url)

        assert asyncio.run(fetch()) == picture(1)


def test_a_name_that_leads_to_a_private_address_is_refused_unless_a_setting_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Callable[..., bytes]
) -> None:
    with serving(Site()) as site:
        url = site.add("/a.png", picture(1)).replace("127.0.0.1", "localhost")
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "example.org, 10.0.0.0/8")
        with pytest.raises(Refused, match="not public") as refused:
            fetched(url, tmp_path)
        assert "localhost is " in refused.value.detail and "CURATE_ALLOW_HOSTS" in refused.value.detail
        assert not site.asked
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "LOCALHOST")
        assert fetched(url, tmp_path) == picture(1)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "[::ffff:7f00:1]", "[::]", "0.0.0.0", "[64:ff9b::7f00:1]"])
def test_no_other_way_to_write_an_address_leads_inside(host: str, tmp_path: Path, site: Site) -> None:
    site.add("/a.png", b"secret")
    with pytest.raises(Refused) as refused:
        monkey = pytest.MonkeyPatch()
        with monkey.context() as patch:
            patch.delenv("CURATE_ALLOW_HOSTS")
            fetched(site.url.replace("127.0.0.1", host) + "/a.png", tmp_path)
    assert refused.value.reason in (
        "The address is not public",
        "The host is not known",
        "The address is no web address",
    )
    assert not site.asked


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate", "br", "zstd"])
def test_an_answer_that_is_compressed_although_nobody_asked_for_it_is_refused_unread(
    encoding: str, tmp_path: Path, site: Site
) -> None:
    """Twice compressed, 7 kB unpack to gigabytes within one network read, before any limit is asked."""
    packed = zlib.compress(bytes(1_000_000), 9, 31)
    url = site.add("/a.png", lambda handler: send(handler, 200, packed, "image/png", Content_Encoding=encoding))
    with pytest.raises(Refused, match="The answer is compressed"):
        fetched(url, tmp_path)
    url = site.add("/b.png", lambda handler: send(handler, 200, b"bytes", "image/png", Content_Encoding="identity"))
    assert fetched(url, tmp_path) == b"bytes"


@pytest.mark.parametrize(
    "address",
    [
        *("::127.0.0.1", "::10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "fec0::1"),
        *("64:ff9b:1:fffe::a00:1", "fe80::5efe:7f00:1", "2600::5efe:7f00:1", "2600::200:5efe:a00:1", "192.0.0.9"),
        *("192.0.0.8", "192.0.0.170", "2002:7f00:1::", "2001:0:7f00:1::1", "5f00::1", "::ffff:10.0.0.1", "fd00::1"),
        *("192.88.99.1", "0.0.0.0", "::", "255.255.255.255", "3fff::1", "2001:db8::1", "ff02::1", "100.64.0.1"),
    ],
)
def test_an_address_that_leads_to_a_private_network_in_any_notation_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "2600::5efe:101:101"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_the_connection_goes_to_the_address_that_was_checked(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that says something public first and loopback the second time (DNS rebinding) is asked once."""
    site.add("/a.png", b"secret")
    port = int(site.url.rpartition(":")[2])
    answers = iter(["203.0.113.7", "127.0.0.1", "127.0.0.1"])  # the first is set aside for documentation: not public
    monkeypatch.delenv("CURATE_ALLOW_HOSTS")
    monkeypatch.setenv("CURATE_ALLOW_HOSTS", "203.0.113.7")
    asked = []

    async def resolve(_loop: object, host: str, port: int, **_more: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", (next(answers), port))]

    async def refuse(address: str, *_rest: object, **_more: object) -> None:
        assert address == "203.0.113.7"
        raise OSError("nothing listens there")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    monkeypatch.setattr(asyncio, "open_connection", refuse)
    with pytest.raises(Refused):
        fetched(f"http://rebinding.example:{port}/a.png", tmp_path, tries=1)
    assert asked == ["rebinding.example"]
    assert not site.asked


def test_a_long_retry_after_is_refused_with_how_long_it_was(site: Site, tmp_path: Path) -> None:
    url = site.add("/a.png", lambda handler: send(handler, 503, b"", "text/plain", Retry_After="4000"))
    with pytest.raises(Refused, match="503") as refused:
        fetched(url, tmp_path)
    assert refused.value.detail == "The server asks to wait 4,000 s."
    assert site.asked["/a.png"] == 1


def test_a_large_body_is_streamed_to_disk_and_moved_into_the_store(site: Site, picture: Callable[..., bytes]) -> None:
    data = picture(1, side=400)
    assert len(data) > 256_000
    project_id, result, _ = gathered([site.add("/large.png", data)], max_mb=2)
    assert result.n_kept == 1
    [sha] = [row.sha for row in images.image_rows(images.hashes(project_id).image_ids.tolist())]
    assert store.blob_path(sha).read_bytes() == data


def test_without_leaving_out_near_duplicates_only_equal_bytes_are_refused(
    site: Site, picture: Callable[..., bytes]
) -> None:
    large = saved(Image.open(io.BytesIO(picture(1, side=64))).resize((200, 200), Image.Resampling.LANCZOS), "JPEG")
    urls = [site.add("/a.png", picture(1, side=64)), site.add("/b.jpg", large), site.add("/c.png", picture(1, side=64))]
    _, result, ended = gathered(urls, drop_near=False)
    assert [ended[url] for url in urls] == [("kept", ""), ("kept", ""), ("refused", "The same picture came before")]
    assert result.n_near_duplicate_groups == 1


def test_what_the_project_has_under_another_label_is_found(
    site: Site,
    picture: Callable[..., bytes],
    make_project: Callable[..., Any],
    pictures: Callable[..., Any],
    tmp_path: Path,
) -> None:
    from curate.gather.importing import import_folder

    project_id = projects.create_project("zoo")
    (tmp_path / "in" / "dogs").mkdir(parents=True)
    (tmp_path / "in" / "dogs" / "1.png").write_bytes(picture(1, side=64))
    import_folder(project_id, tmp_path / "in", "Ada", lambda done, total, message: None)
    large = saved(Image.open(io.BytesIO(picture(1, side=64))).resize((200, 200), Image.Resampling.LANCZOS), "JPEG")
    urls = [site.add("/same.png", picture(1, side=64)), site.add("/near.jpg", large)]
    searches = url_list.lay_down(((None, Found(url)) for url in urls), "cats", "the list")
    gathering_id = gatherings.create_gathering(project_id, "Gather", "Ada", searches, Limits(**HASTE).to_json())
    assert gather(gathering_id, watch()).n_kept == 0
    rows = candidates.first_found(gathering_id, 0, 10)
    assert [(row.reason, row.detail) for row in rows] == [
        ("The same picture is in the project", "Filed under dogs."),
        ("A near-duplicate is in the project", f"Image {images.hashes(project_id).image_ids[0]}."),
    ]


def test_a_pictures_hash_is_all_but_that_of_the_import(picture: Callable[..., bytes]) -> None:
    for data in (picture(1, side=64), picture(2, kind="JPEG", side=64)):
        ours, imports = take_in(data, Limits(min_side_px=8)).phash, perceptual_hash(open_picture(data))
        assert sum((a ^ b).bit_count() for a, b in zip(ours, imports, strict=True)) <= 6
