"""EXIF facts of a picture as text: camera, time, exposure and place."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL.ExifTags import Base

from curate.pictures import exif

_MAX_CHARS = 200
_PLACE = 0x10000  # offset of GPS tags in `pictures.exif`; 1 to 4 are latitude and longitude
_Formatter = Callable[[Any], str]


def read_facts(path: Path) -> list[tuple[str, str]]:
    """Returns (name, value) for the facts of a file, in this order; empty without EXIF. Raises BadPicture."""
    return format_facts(exif(path))


def format_facts(tags: Mapping[int, Any]) -> list[tuple[str, str]]:
    """Returns (name, value) for tags; senseless values are left out.

    >>> format_facts({0x829A: 0.004, 0x829D: 2.8, 0x8827: 200, 0x920A: 35.0})
    [('Exposure', '1/250 s, f/2.8, ISO 200, 35 mm')]
    >>> format_facts({0x829A: float("nan"), 0x829D: 2.8, 0x8827: 0, 0x9003: "0000:00:00 00:00:00"})
    [('Exposure', 'f/2.8')]
    """
    rows = [("Camera", _camera(tags))]
    rows += [(name, _format(tags.get(tag), _text)) for name, tag in _BEFORE]
    rows = [(name, value) for name, value in rows if name != "Taken" or any(digit in value for digit in "123456789")]
    rows.append(
        ("Exposure", ", ".join(filter(None, (_format(tags.get(tag), formatter) for tag, formatter in _EXPOSURE))))
    )
    rows += [(name, _format(tags.get(tag), _text)) for name, tag in _AFTER]
    rows.append(("Place", _place(tags)))
    return [(name, value) for name, value in rows if value]


def _text(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    visible = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return visible if len(visible) <= _MAX_CHARS else f"{visible[: _MAX_CHARS - 1]}…"


def _finite(value: Any) -> float:
    """Raises ValueError for NaN, which Pillow returns for 0/0, and for infinity."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _seconds(value: Any) -> str:
    seconds = _finite(value)
    return f"1/{round(1 / seconds)} s" if 0 < seconds < 0.3 else f"{seconds:g} s"


def _format(value: Any, formatter: _Formatter) -> str:
    """Returns the value as text; "" for a missing or damaged one."""
    try:
        return "" if value is None else formatter(value)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return ""


def _camera(tags: Mapping[int, Any]) -> str:
    make, model = (_format(tags.get(tag), _text) for tag in (Base.Make, Base.Model))
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()


def _place(tags: Mapping[int, Any]) -> str:
    ends = [_format((tags.get(_PLACE + at), tags.get(_PLACE + at + 1)), _degrees) for at in (1, 3)]
    return ", ".join(ends) if all(ends) else ""


def _degrees(value: tuple[Any, Any]) -> str:
    side, (degrees, minutes, seconds) = value
    return f"{_finite(degrees) + _finite(minutes) / 60 + _finite(seconds) / 3600:.5f}° {_text(side)}"


_BEFORE = (("Lens", Base.LensModel), ("Taken", Base.DateTimeOriginal))
_EXPOSURE: tuple[tuple[int, _Formatter], ...] = (
    (Base.ExposureTime, _seconds),
    (Base.FNumber, lambda value: f"f/{_finite(value):g}"),
    (Base.ISOSpeedRatings, lambda value: f"ISO {int(value)}" if int(value) else ""),
    (Base.FocalLength, lambda value: f"{_finite(value):g} mm"),
)
_AFTER = (
    ("Describes", Base.ImageDescription),
    ("By", Base.Artist),
    ("Copyright", Base.Copyright),
    ("Software", Base.Software),
)
