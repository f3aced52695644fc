"""Every way a picture file can be odd, made by Pillow, with the expected pixels worked out by hand."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate import pictures
from curate.errors import BadPicture

RED, WHITE, BLUE = (255, 0, 0), (255, 255, 255), (0, 0, 255)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def grey(*values: int | float, dtype: type) -> Image.Image:
    return Image.fromarray(np.array([values], dtype=dtype))


def levels(data: bytes) -> list[int]:
    picture = pictures.open_picture(data)
    assert picture.mode == "RGB"
    pixels = np.asarray(picture)
    assert (pixels == pixels[..., :1]).all()
    return pixels[0, :, 0].tolist()


@pytest.fixture
def two_pixels() -> Image.Image:
    """Red left, blue right."""
    picture = Image.new("RGB", (2, 1), RED)
    picture.putpixel((1, 0), BLUE)
    return picture


def test_a_path_bytes_and_an_open_file_give_the_same_picture(two_pixels, tmp_path):
    data = saved(two_pixels, "PNG")
    path = tmp_path / "two.png"
    path.write_bytes(data)
    file = io.BytesIO(data)
    for source in (path, data, file):
        picture = pictures.open_picture(source)
        assert (picture.mode, picture.size) == ("RGB", (2, 1))
        assert [picture.getpixel((x, 0)) for x in (0, 1)] == [RED, BLUE]
    assert not file.closed


@pytest.mark.parametrize(
    ("orientation", "size", "first"),
    [
        (1, (2, 1), RED),
        (2, (2, 1), BLUE),
        (3, (2, 1), BLUE),
        (4, (2, 1), RED),
        (5, (1, 2), RED),
        (6, (1, 2), RED),
        (7, (1, 2), BLUE),
        (8, (1, 2), BLUE),
    ],
)
def test_exif_orientation_is_applied_once_and_dropped(two_pixels, orientation, size, first):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(two_pixels, "PNG", exif=exif)
    picture = pictures.open_picture(data)
    assert picture.size == size
    assert picture.getpixel((0, 0)) == first
    assert picture.getexif().get(0x0112) is None
    facts = pictures.picture_facts(data)
    assert ((facts.width, facts.height), facts.format) == (size, "PNG")


def test_a_tiff_that_is_turned_by_pillow_itself_is_not_turned_twice(two_pixels):
    picture = pictures.open_picture(saved(two_pixels, "TIFF", tiffinfo={0x0112: 6}))
    assert picture.size == (1, 2)
    assert [picture.getpixel((0, y)) for y in (0, 1)] == [RED, BLUE]


def test_broken_exif_leaves_a_picture_as_it_is(two_pixels):
    data = saved(two_pixels, "PNG", exif=b"Exif\0\0nonsense that is no TIFF header")
    assert pictures.open_picture(data).size == (2, 1)


def test_cmyk_becomes_rgb():
    picture = pictures.open_picture(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"))
    assert picture.getpixel((0, 0)) == RED


def test_a_cmyk_jpeg_is_not_a_negative():
    picture = pictures.open_picture(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    red, green, blue = np.asarray(picture)[4, 4]
    assert red > 250
    assert green < 5
    assert blue < 5


def test_a_palette_is_looked_up():
    picture = Image.new("P", (2, 1))
    picture.putpalette([*BLUE, *RED])
    picture.putpixel((1, 0), 1)
    opened = pictures.open_picture(saved(picture, "PNG"))
    assert [opened.getpixel((x, 0)) for x in (0, 1)] == [BLUE, RED]


def test_a_transparent_palette_colour_shows_white():
    picture = Image.new("P", (2, 1))
    picture.putpalette([*BLUE, *RED])
    picture.putpixel((1, 0), 1)
    opened = pictures.open_picture(saved(picture, "PNG", transparency=0))
    assert [opened.getpixel((x, 0)) for x in (0, 1)] == [WHITE, RED]


def test_half_transparent_red_on_white_is_pink():
    picture = pictures.open_picture(saved(Image.new("RGBA", (1, 1), (255, 0, 0, 51)), "PNG"))
    assert picture.getpixel((0, 0)) == (255, 204, 204)  # 255 - 255 * 51 / 255


def test_grey_with_alpha_is_laid_on_white():
    assert levels(saved(Image.new("LA", (1, 1), (0, 51)), "PNG")) == [204]


def test_one_bit_is_black_and_white():
    picture = Image.new("1", (2, 1))
    picture.putpixel((1, 0), 1)
    assert levels(saved(picture, "PNG")) == [0, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_grey_is_scaled_not_cut(kind):
    # 257 = one step of 8 bit; 25700 = 100 steps; 128 is still nearer to 0, 129 to 1
    assert levels(saved(grey(0, 128, 129, 25700, 65535, dtype=np.uint16), kind)) == [0, 0, 1, 100, 255]


def test_dark_sixteen_bit_grey_stays_dark():
    assert levels(saved(grey(0, 255, 2570, dtype=np.uint16), "PNG")) == [0, 1, 10]


def test_big_endian_sixteen_bit_grey_reads_the_same():
    picture = Image.frombytes("I;16B", (2, 1), np.array([25700, 65535], dtype=">u2").tobytes())
    assert levels(saved(picture, "TIFF")) == [100, 255]


def test_whole_numbers_of_32_bits_count_as_16_bit_and_are_stretched_beyond():
    assert levels(saved(grey(0, 25700, 65535, dtype=np.int32), "TIFF")) == [0, 100, 255]
    assert levels(saved(grey(-100, 0, 100, dtype=np.int32), "TIFF")) == [0, 128, 255]  # 127.5, and 128 is even


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.0, 0.2, 1.0), [0, 51, 255]),
        ((0.0, 51.0, 255.0), [0, 51, 255]),
        ((0.0, 25700.0, 65535.0), [0, 100, 255]),
        ((-1.0, 0.0, 4.0), [0, 51, 255]),
        ((-3.0, -3.0, -3.0), [0, 0, 0]),
        ((0.0, float("nan"), 1.0), [0, 0, 255]),
    ],
)
def test_fractions_are_scaled_by_the_range_they_fit(values, expected):
    assert levels(saved(grey(*values, dtype=np.float32), "TIFF")) == expected


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(kind):
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, BLUE)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
    assert pictures.open_picture(data).getpixel((0, 0)) == RED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_file_cut_short_is_refused(kind):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind)
    for share in (0.2, 0.6, 0.95):
        with pytest.raises(BadPicture, match=r"cut short|damaged"):
            pictures.open_picture(data[: int(len(data) * share)])


def test_too_many_pixels_are_refused_before_decoding(monkeypatch):
    data = saved(Image.new("L", (100, 101)), "PNG")
    monkeypatch.setenv("CURATE_MAX_PIXELS", "10100")
    assert pictures.open_picture(data).size == (100, 101)
    monkeypatch.setenv("CURATE_MAX_PIXELS", "10099")
    with pytest.raises(BadPicture) as refused:
        pictures.open_picture(data[:60])  # only the header is there: decoding would have said "cut short"
    assert str(refused.value) == "The picture has 100 x 101 = 10,100 pixels; the limit is 10,099."
    assert "CURATE_MAX_PIXELS" in refused.value.hint


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Not a readable picture: the file is empty."),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing, which has no pixels"),
        (b"\n<!DOCTYPE html><html>404</html>", "a web page"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "a pointer of Git LFS, not the file itself"),
        (b"\x1aE\xdf\xa3 ...", "a video"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "the header is damaged or cut short"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video"),
        (b"\xff\xd8\xff\xe0", "the header is damaged or cut short"),
        (b"hello", "Not a picture in a format that can be read."),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file"),
    ],
)
def test_what_is_no_picture_is_named(data, sentence):
    with pytest.raises(BadPicture) as refused:
        pictures.open_picture(data)
    assert sentence in str(refused.value)


def test_a_missing_file_is_refused_with_the_systems_words(tmp_path):
    with pytest.raises(BadPicture, match=r"^The file cannot be opened: No such file or directory\.$"):
        pictures.open_picture(tmp_path / "gone.jpg")


# Pillow warns of damaged tags it then does without.
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_noise_in_a_file_gives_a_picture_or_a_bad_picture_and_nothing_else():
    random = np.random.default_rng(7)
    noise = random.integers(0, 256, (24, 24, 3), dtype=np.uint8)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM"):
        whole = saved(Image.fromarray(noise), kind)
        for _ in range(100):
            data = bytearray(whole)
            for at in random.integers(0, len(data), 3):
                data[at] = random.integers(0, 256)
            try:
                assert pictures.open_picture(bytes(data)).mode == "RGB"
            except BadPicture as refused:
                assert str(refused).endswith(".")


def test_a_reduced_jpeg_keeps_the_short_side_and_looks_the_same(tmp_path):
    gradient = np.tile(np.linspace(0, 255, 800, dtype=np.uint8), (600, 1))
    path = tmp_path / "gradient.jpg"
    Image.fromarray(gradient).convert("RGB").save(path, quality=95)
    reduced = pictures.open_reduced(path, 128)
    assert reduced.size == (200, 150)  # 600 // 128 = 4 times smaller
    full = pictures.open_picture(path).resize((200, 150), Image.Resampling.BOX)
    assert np.abs(np.asarray(reduced, dtype=int) - np.asarray(full, dtype=int)).max() <= 4


def test_a_reduced_png_is_the_whole_picture_and_a_reduced_jpeg_stands_upright(tmp_path, two_pixels):
    (tmp_path / "a.png").write_bytes(saved(two_pixels, "PNG"))
    assert pictures.open_reduced(tmp_path / "a.png", 1).size == (2, 1)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 32)).save(tmp_path / "b.jpg", exif=exif)
    assert pictures.open_reduced(tmp_path / "b.jpg", 16).size == (16, 32)


def test_a_colour_profile_stays_with_rgb_and_leaves_with_cmyk():
    profile = b"not looked at"
    rgb = pictures.open_picture(saved(Image.new("RGB", (1, 1)), "PNG", icc_profile=profile))
    cmyk = pictures.open_picture(saved(Image.new("CMYK", (8, 8)), "TIFF", icc_profile=profile))
    assert rgb.info == {"icc_profile": profile}
    assert cmyk.info == {}


def test_reading_does_not_change_the_file(two_pixels, tmp_path):
    path: Path = tmp_path / "two.png"
    path.write_bytes(saved(two_pixels, "PNG"))
    before = path.read_bytes()
    pictures.open_picture(path)
    assert path.read_bytes() == before
