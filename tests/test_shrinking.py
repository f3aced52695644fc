"""Large pictures: decoded within a budget, in a process of their own, and shrunk before anything else."""

import subprocess
import sys
import threading
import time
import zlib
from io import BytesIO
from struct import pack

import numpy as np
import pytest
from PIL import Image

from curate import pictures, shrinking, square, store
from curate.errors import BadPicture
from curate.pictures import open_picture, open_reduced, open_shrunk, picture_facts
from curate.pixel_budget import PixelBudget


def png(picture: Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()


def flat_png(width: int, height: int) -> bytes:
    """A grey picture of any size, without decoding it here."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    packer, row = zlib.compressobj(9), b"\0" + b"\x80" * (3 * width)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_budget_lets_small_ones_share_and_a_large_one_be_alone() -> None:
    budget, held, most = PixelBudget(100), [0], [0]
    lock = threading.Lock()

    def decode(n_pixels: int) -> None:
        with budget.hold(n_pixels):
            with lock:
                held[0] += n_pixels
                most[0] = max(most[0], held[0])
                if n_pixels > 100:
                    assert held[0] == n_pixels
            time.sleep(0.005)
            with lock:
                held[0] -= n_pixels

    threads = [threading.Thread(target=decode, args=(n,)) for n in [40, 50, 60, 1_000, 30, 30, 30, 30, 2_000, 10] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert held == [0] and most == [2_000]
    assert not any(thread.is_alive() for thread in threads)


def test_a_block_that_fails_gives_back_what_it_held() -> None:
    budget = PixelBudget(10)
    with pytest.raises(ValueError, match="broken"), budget.hold(10):
        raise ValueError("broken")
    with budget.hold(10):
        pass


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1", "CMYK"])
def test_a_large_picture_is_shrunk_to_what_the_whole_one_would_be(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (50, 70, 3), np.uint8)
    picture = Image.fromarray(noise).convert(mode)
    buffer = BytesIO()
    picture.save(buffer, "TIFF")
    whole = open_picture(buffer.getvalue())
    monkeypatch.setattr(square, "_LARGE_PX", 100)
    monkeypatch.setattr(square, "_BAND_PX", 70 * 6)
    small = open_reduced(buffer.getvalue(), 16)
    assert small.size == (24, 17)  # 70 / 3 and 50 / 3, rounded up
    assert np.abs(np.asarray(small, int) - np.asarray(whole.reduce(3), int)).max() <= 1
    assert open_shrunk(buffer.getvalue(), 30).size == (35, 25)


def test_a_small_picture_is_left_as_it_is() -> None:
    data = png(Image.fromarray(np.random.default_rng(3).integers(0, 256, (50, 70, 3), np.uint8)))
    assert np.array_equal(np.asarray(open_reduced(data, 16)), np.asarray(open_picture(data)))


def test_a_large_picture_is_decoded_by_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[object] = []
    monkeypatch.setattr(shrinking, "open_picture", decoded.append)
    webp = shrinking.as_webp(flat_png(5_000, 4_000), 320, 82)
    assert decoded == []
    assert Image.open(BytesIO(webp)).size == (320, 256)


def test_a_large_damaged_picture_is_refused_with_its_sentence() -> None:
    data = flat_png(5_000, 4_000)
    with pytest.raises(BadPicture, match="cut short"):
        shrinking.as_webp(data[: len(data) // 2], 320, 82)


_DECODE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from curate.pictures import *
data = sys.stdin.buffer.read()
{call}
# Not getrusage: its peak is at first that of the process that started this one.
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.parametrize(
    ("call", "most_mb"),
    [
        ("open_reduced(data, 320)", 500),  # 80 million pixels of four bytes, and what is small
        ("open_shrunk(data, 1600)", 500),
        ("list(ThreadPoolExecutor(4).map(lambda _: open_reduced(data, 320), range(4)))", 500),  # one at a time
        ("picture_facts(data); exif(data)", 200),  # Pillow's own look for EXIF decodes a PNG
    ],
)
def test_a_large_picture_takes_the_memory_of_its_pixels_once(call: str, most_mb: int) -> None:
    command = [sys.executable, "-c", _DECODE.format(call=call)]
    done = subprocess.run(command, input=flat_png(10_000, 8_000), capture_output=True, check=True)
    assert int(done.stdout) < most_mb


def test_what_a_png_says_behind_its_pixels_is_still_read() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    data = png(Image.new("RGB", (30, 20)), exif=exif)
    start = data.index(b"eXIf") - 4
    length = 12 + int.from_bytes(data[start : start + 4], "big")
    moved = data[:start] + data[start + length : -12] + data[start : start + length] + data[-12:]
    for each in (data, moved):
        assert (picture_facts(each).width, picture_facts(each).height) == (20, 30)
        assert pictures.exif(each)[0x0112] == 6


def test_several_who_ask_for_a_picture_have_it_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sha, made = store.add_blob(png(Image.new("RGB", (8, 8)))), []

    def slowly(*_args: object) -> bytes:
        made.append(1)
        time.sleep(0.1)
        return b"webp"

    monkeypatch.setattr(store, "as_webp", slowly)
    threads = [threading.Thread(target=store.view_path, args=(sha,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1] and store.find_view(sha) == store.view_path(sha)
