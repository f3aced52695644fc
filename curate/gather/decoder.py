"""The process that decodes: bodies come in on standard input, what they are goes out; run by decoding.py.

    python -m curate.gather.decoder '{"min_side_px": 64, …}'

In: a letter (B = the body follows, P = the path of a file that holds it), 8 bytes of length, that many bytes. Out: 4
bytes of length, then JSON: what `arrival.take_in` gave back, or {"reason", "detail"}. Ends with its input.
"""

import json
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from curate.gather.arrival import take_in
from curate.gather.limits import Limits
from curate.gather.refused import Refused

HEAD, LENGTH = struct.Struct(">cQ"), struct.Struct(">I")


def serve(source: BinaryIO, target: BinaryIO, limits: Limits) -> None:
    """Answer one body after the other."""
    while head := source.read(HEAD.size):
        kind, length = HEAD.unpack(head)
        data = source.read(length)
        answer = json.dumps(_answer(data if kind == b"B" else Path(data.decode()), limits)).encode()
        target.write(LENGTH.pack(len(answer)) + answer)
        target.flush()


def _answer(body: bytes | Path, limits: Limits) -> dict[str, object]:
    try:
        picture = take_in(body, limits)
    except Refused as error:
        return {"reason": error.reason, "detail": error.detail}
    return vars(picture) | {"phash": picture.phash.hex()}


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, Limits.from_json(json.loads(sys.argv[1])))
