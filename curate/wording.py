"""Numbers and durations as text, for the screen, the terminal and the sentences of jobs."""

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def counted(n: int, noun: str, plural: str = "") -> str:
    """Returns a number of things as text.

    >>> counted(1, "image"), counted(2500, "image"), counted(2, "box", "boxes")
    ('1 image', '2,500 images', '2 boxes')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Returns a duration in its two largest units.

    >>> duration(130), duration(0.4), duration(59.6), duration(3_600), duration(90_000)
    ('2 min 10 s', 'under 1 s', '1 min', '1 h', '1 d 1 h')
    """
    rest = round(seconds)
    if rest < 1:
        return "under 1 s"
    for place, (unit, size) in enumerate(_UNITS):
        if rest >= size:
            whole, rest = divmod(rest, size)
            smaller, small_size = _UNITS[min(place + 1, len(_UNITS) - 1)]
            more = rest // small_size
            return f"{whole} {unit} {more} {smaller}" if more else f"{whole} {unit}"
    return "under 1 s"
