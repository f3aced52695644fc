"""Makes small WebP files of pictures; a process of its own decodes large ones.

A file of 780 kB may hold 200 million pixels, 800 MB once decoded. The web process decodes nothing of that size:
`python -m curate.shrinking SIDE QUALITY` reads a picture from stdin and writes the WebP to stdout.
"""

import json
import resource
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

from PIL import Image

from curate.errors import BadPicture
from curate.pictures import header_size, open_picture, open_shrunk

MOST_HERE_PX = 16_000_000  # larger ones take 0.3 s longer, for the process's start
_MOST_BYTES = 4_000_000_000  # of the process's memory
_PATIENCE_S = 120
_one_at_a_time = threading.Lock()


def as_webp(source: Path | bytes, side_px: int, quality: int) -> bytes:
    """Returns the upright picture, at most `side_px` a side. Raises BadPicture."""
    width, height = header_size(source)
    if width * height <= MOST_HERE_PX:
        return encode(open_picture(source), side_px, quality)
    with _one_at_a_time:
        return _in_a_process(source, side_px, quality)


def encode(picture: Image.Image, side_px: int, quality: int) -> bytes:
    """Returns a decoded picture as WebP, at most `side_px` a side."""
    small = picture.copy()
    small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    # Tiny pictures (digits, icons) lose more to lossy coding than it saves.
    small.save(buffer, "WEBP", quality=quality, method=2, lossless=max(small.size) <= 96)
    return buffer.getvalue()


def _in_a_process(source: Path | bytes, side_px: int, quality: int) -> bytes:
    command = [sys.executable, "-m", "curate.shrinking", str(side_px), str(quality)]
    data = source.read_bytes() if isinstance(source, Path) else source
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BadPicture(f"The picture takes longer than {_PATIENCE_S} s to decode.") from error
    if done.returncode == 0:
        return done.stdout
    try:
        refusal = json.loads(done.stderr)
    except ValueError:  # killed, or out of memory
        refusal = ["The picture needs more memory than there is.", ""]
    raise BadPicture(*refusal)


def _main(side_px: int, quality: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    try:
        webp = encode(open_shrunk(sys.stdin.buffer.read(), side_px), side_px, quality)
    except BadPicture as error:
        json.dump([str(error), error.hint], sys.stderr)
        return 1
    sys.stdout.buffer.write(webp)
    return 0


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]), int(sys.argv[2])))
