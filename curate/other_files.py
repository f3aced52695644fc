"""What a file is that is no picture to be read, by its first bytes: a sentence and a hint."""

from collections.abc import Callable

_SAVE_AS = "Save it as JPEG or PNG first."
_RAW = "a camera's raw photo ({})"
_DEVELOP = "Save it as JPEG or TIFF with the camera's program first."
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2")


def what_it_is(head: bytes) -> tuple[str, str]:
    """(sentence, hint) on a file that begins with these 512 bytes or fewer."""
    for what, hint, matches in _OTHER_FILES:
        if matches(head):
            return f"Not a readable picture: {what}.", hint
    return (
        "Not a picture in a format that can be read.",
        "JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF and JPEG 2000 files can be.",
    )


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(starts)


def _magic(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _brand(*brands: bytes) -> Callable[[bytes], bool]:
    """Whether an ISO media file is of one of these brands."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


def _is_broken_picture(head: bytes) -> bool:
    starts = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
    return head.startswith(starts) or _brand(b"avif", b"avis", *_HEIF_BRANDS)(head)


_OTHER_FILES: tuple[tuple[str, str, Callable[[bytes], bool]], ...] = (
    ("the file is empty", "", lambda head: not head),
    ("an SVG drawing, which has no pixels", _SAVE_AS, lambda head: b"<svg" in head.lower()),
    ("a web page", "Save the picture itself, not the page it is on.", _starts(b"<!doctype html", b"<html")),
    ("a PDF document", _SAVE_AS, _starts(b"%pdf")),
    ("a PostScript file", _SAVE_AS, _starts(b"%!ps")),
    ("a pointer of Git LFS, not the file itself", "Fetch it with `git lfs pull`.", _starts(b"version https://git-lfs")),
    ("a packed file (gzip)", "Unpack it first.", _magic(b"\x1f\x8b")),
    ("a zip archive", "Import it as an archive.", _starts(b"pk\x03\x04")),
    ("an icon file", _SAVE_AS, _magic(b"\0\0\1\0", b"\0\0\2\0")),
    ("a Photoshop document", _SAVE_AS, _magic(b"8BPS")),
    ("a JPEG XL picture", _SAVE_AS, _magic(b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    (_RAW.format("Canon CR3"), _DEVELOP, _brand(b"crx ")),
    (_RAW.format("Canon CR2"), _DEVELOP, lambda head: head[:4] == b"II*\0" and head[8:10] == b"CR"),
    (_RAW.format("Fujifilm RAF"), _DEVELOP, _magic(b"FUJIFILMCCD-RAW")),
    (_RAW.format("Olympus ORF"), _DEVELOP, _magic(b"IIRO", b"IIRS", b"MMOR")),
    (_RAW.format("Panasonic RW2"), _DEVELOP, _magic(b"IIU\0")),
    (_RAW.format("Sigma X3F"), _DEVELOP, _magic(b"FOVb")),
    ("the header is damaged or cut short", "Get it again from where it came from.", _is_broken_picture),
    ("a video", "Save single frames as pictures.", lambda head: head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3"),
)
