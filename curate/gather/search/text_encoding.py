"""Which letters a list's bytes stand for: UTF-8, UTF-16 as Excel's "Unicode text", or Windows' Western code page."""

import codecs
import re
from pathlib import Path

from curate.errors import BadInput

WESTERN = "cp1252"
_BLOCK = 1_000_000
_WORDS = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_LETTERS = re.compile(rb"[\x80-\xff]")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def find_encoding(path: Path, name: str) -> str:
    """Returns Python's name of the file's encoding: by its byte order mark, else UTF-8, else Windows-1252.

    Any bytes make sense in a code page, so text in Cyrillic, Greek or Chinese ones would become other labels in
    silence: where most letters of the words with accents are no ASCII, it raises BadInput instead.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    if start[1:2] == b"\0" or start[:1] == b"\0":  # an ASCII letter in UTF-16 without a mark
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    if _is_utf8(path):
        return "utf-8"
    _check_is_western(path, name)
    return WESTERN


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _check_is_western(path: Path, name: str) -> None:
    n_letters = n_accents = 0
    decoder = codecs.getincrementaldecoder(WESTERN)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
                words = b"".join(_WORDS.findall(block))
                n_letters, n_accents = n_letters + len(words), n_accents + len(_LETTERS.findall(words))
    except UnicodeDecodeError as error:
        raise BadInput(f"The letters of {name} cannot be told.", "Save the list as UTF-8.") from error
    if 2 * n_accents > n_letters:
        raise BadInput(f"The letters of {name} cannot be told.", "Save the list as UTF-8.")
