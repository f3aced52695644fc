"""A dozen awkward pictures, of the kinds that readers disagree on; an exported model has them with their answers."""

import base64
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, ImageDraw

# 64 x 64, left half red, right half green, encoded by libx265: no library of ours writes HEIC.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAACkAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xy"
    "bmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAADFt"
    "ZGF0AAAAJSgBr1j5DpJf//Od3/+VHpD7EWYkt+GSr/pkSf+y51EcScfWrOA="
)


def pictures() -> dict[str, bytes]:
    """Files by name: turned by EXIF, with transparency, 16 bits, CMYK, grey, odd sides, 12 megapixels, HEIC."""
    turned = {f"turned_{turn}.jpg": _file(_scene(341, 256, turn), "JPEG", turn) for turn in (3, 5, 6, 8)}
    return {
        "plain.jpg": _file(_scene(256, 341, 0), "JPEG"),
        **turned,
        "transparent.png": _file(_transparent(_scene(300, 200, 10)), "PNG"),
        "transparent_palette.gif": _file(_scene(120, 90, 11).quantize(16), "GIF", transparency=3),
        "grey_16_bit.png": _file(_deep_grey(200, 150), "PNG"),
        "grey.jpg": _file(_scene(225, 447, 12).convert("L"), "JPEG"),
        "cmyk.jpg": _file(_scene(301, 203, 13).convert("CMYK"), "JPEG"),
        "lossless.webp": _file(_scene(129, 131, 14), "WEBP", lossless=True),
        "wide.png": _file(_scene(900, 41, 15), "PNG"),
        "tiny.png": _file(_scene(7, 5, 16), "PNG"),
        "12_megapixels.jpg": _file(_scene(4000, 3000, 17), "JPEG", quality=80),
        "phone.heic": HEIC,
    }


def _scene(width: int, height: int, seed: int) -> Image.Image:
    """Colours that run from corner to corner with a dozen ellipses on them, other ones for every seed."""
    rng = np.random.default_rng(seed)
    corners = Image.fromarray(rng.integers(0, 256, (2, 2, 3), dtype=np.uint8))
    picture = corners.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, wide, high = (rng.uniform(0, 1, 4) * (width, height, width / 2, height / 2)).tolist()
        draw.ellipse((x, y, x + wide, y + high), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return picture


def _transparent(picture: Image.Image) -> Image.Image:
    """See-through on the left, opaque on the right."""
    steps = np.linspace(0, 255, picture.width).astype(np.uint8)
    picture.putalpha(Image.fromarray(np.tile(steps, (picture.height, 1))))
    return picture


def _deep_grey(width: int, height: int) -> Image.Image:
    grey = np.add.outer(np.linspace(0, 40_000, height), np.linspace(0, 25_000, width))
    return Image.fromarray(grey.astype(np.uint16))


def _file(picture: Image.Image, kind: str, turn: int = 1, **options: object) -> bytes:
    buffer, exif = BytesIO(), Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    save: Callable[..., None] = picture.save
    save(buffer, kind, **options, **({"exif": exif} if turn != 1 else {}))
    return buffer.getvalue()
