"""The sample project: 1,797 real handwritten digits, with planted, seeded problems for people to find.

The scans ship with scikit-learn (UCI "Optical Recognition of Handwritten Digits", 8 x 8 pixels, 17 greys); here they
become ordinary picture files and come in through the ordinary import. Runs in a job's process: it imports sklearn.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from curate import store
from curate.catalog import images, projects
from curate.errors import Conflict, NotFound
from curate.gather.importing import Report, import_folder
from curate.gather.planted import DUPLICATE, FOREIGN, SWAPPED

NAME = "Handwritten digits"
# In the order of the number keys: pressing 3 in the grid files a picture under "three". As words, because tables and
# charts take labels that look like numbers for numbers.
LABELS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "zero")
SEED = 7
N_SWAPPED, N_DUPLICATES, N_FOREIGN, N_COPIES = 72, 12, 6, 8
_ALIKE = {0: 6, 1: 7, 2: 7, 3: 8, 4: 9, 5: 3, 6: 5, 7: 1, 8: 3, 9: 4}
_SIDE_PX = 96
_PAPER, _INK = np.array([252, 250, 245]), np.array([32, 36, 52])


@dataclass(frozen=True)
class _Scan:
    """A file of the sample: its bytes, the label it is filed under, what is planted there and the right label."""

    data: bytes
    label: str
    kind: str | None = None
    right: str | None = None


def make_sample(author: str, report: Report) -> int:
    """Id of the project "Handwritten digits": made when there is none yet, finished when making it was interrupted.

    72 digits are filed under a wrong label, 12 under a second, wrong one too, and 6 cut-outs of photos among them:
    90 things to find. 8 digits come again as near-duplicates, which is no error, and 2 files cannot be read.
    """
    project_id, is_finished = _project()
    if not is_finished:
        incoming = store.incoming_folder()
        try:
            scans = _scans()
            _write(scans, incoming / NAME, report)
            import_folder(project_id, incoming / NAME, author, report, is_own=False)
        finally:
            store.remove_incoming(incoming)
        projects.set_planted(project_id, _planted(project_id, scans))
    return project_id


def draw(scan: np.ndarray) -> Image.Image:
    """A 96 px picture, ink on paper, of one (8, 8) scan with values 0 (white) to 16."""
    framed = np.pad(np.clip(scan / 16, 0, 1), 1)
    grey = Image.fromarray((framed * 255).astype(np.uint8)).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC)
    # A steep step where ink begins: strokes of a felt pen rather than a blur. Chosen by eye.
    ink = 1 / (1 + np.exp(-12 * (np.asarray(grey) / 255 - 0.4)))[..., None]
    return Image.fromarray((_PAPER * (1 - ink) + _INK * ink).round().astype(np.uint8))


def _project() -> tuple[int, bool]:
    """The sample's project, and whether nothing is left to do; a project of people's own keeps its name."""
    for name in (NAME, *(f"{NAME} {number}" for number in range(2, 100))):
        try:
            found = projects.find_project(name)
        except NotFound:
            project_id = projects.create_project(name)
            projects.set_planted(project_id, {})  # marks it as the sample, not finished
            for label in LABELS:
                projects.add_label(project_id, label)
            return project_id, False
        if found.is_sample:
            return found.id, bool(projects.planted(found.id))
    raise Conflict(f"There are 99 projects named {NAME} that are not the sample.", "Give one of them another name.")


def _scans() -> list[_Scan]:
    """Every readable file of the sample, always the same ones in the same order."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    chance = np.random.default_rng(SEED)
    chosen = chance.permutation(len(digits.target)).tolist()
    swapped = set(chosen[:N_SWAPPED])
    doubled = chosen[N_SWAPPED : N_SWAPPED + N_DUPLICATES]
    copies = chosen[N_SWAPPED + N_DUPLICATES : N_SWAPPED + N_DUPLICATES + N_COPIES]
    pictures = [draw(scan) for scan in digits.images]
    labels = [_word(digit) for digit in digits.target.tolist()]
    scans = []
    for i, digit in enumerate(digits.target.tolist()):
        is_wrong = i in swapped
        filed = _word(_mistaken(digit, chance)) if is_wrong else labels[i]
        scans.append(_Scan(_png(pictures[i]), filed, SWAPPED if is_wrong else None, labels[i]))
    scans += [_Scan(scans[i].data, _word(_mistaken(digits.target[i], chance)), DUPLICATE, labels[i]) for i in doubled]
    scans += [_Scan(data, _word(int(chance.integers(10))), FOREIGN) for data in _foreign(chance)]
    scans += [_Scan(_png(pictures[i].resize((72, 72))), labels[i]) for i in copies]
    return scans


def _word(digit: int) -> str:
    return LABELS[(int(digit) - 1) % 10]


def _mistaken(digit: int, chance: np.random.Generator) -> int:
    """Another digit: in half of the cases the one that it is easily taken for."""
    if chance.random() < 0.5:
        return _ALIKE[int(digit)]
    return int((digit + chance.integers(1, 10)) % 10)


def _foreign(chance: np.random.Generator) -> list[bytes]:
    """Cut-outs of the two photos that ship with scikit-learn."""
    from sklearn.datasets import load_sample_image

    cuts = []
    for n in range(N_FOREIGN):
        photo = Image.fromarray(load_sample_image(("china.jpg", "flower.jpg")[n % 2]))
        left, top = (int(chance.integers(0, side - 240)) for side in photo.size)
        cuts.append(_png(photo.crop((left, top, left + 240, top + 240)).resize((_SIDE_PX, _SIDE_PX))))
    return cuts


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=3)  # half the time, no larger
    return buffer.getvalue()


def _write(scans: list[_Scan], folder: Path, report: Report) -> None:
    """The scans as an ImageFolder tree, with two files in it that are no pictures."""
    for label in LABELS:
        (folder / label).mkdir(parents=True, exist_ok=True)
    for number, scan in enumerate(scans):
        (folder / scan.label / _file_name(number)).write_bytes(scan.data)
        report(number + 1, len(scans), "Drawing digits")
    (folder / "five" / "scan-cut-short.png").write_bytes(scans[0].data[: len(scans[0].data) // 2])
    (folder / "eight" / "scan-list.png").write_bytes(b"scan;digit\n0001;8\n")


def _file_name(number: int) -> str:
    return f"scan-{number:04}.png"


def _planted(project_id: int, scans: list[_Scan]) -> dict[str, Any]:
    """{image id: {kind, label}}: what is wrong with it, and its right label (None: it has none)."""
    return {
        str(images.find_image(project_id, _file_name(number)).id): {"kind": scan.kind, "label": scan.right}
        for number, scan in enumerate(scans)
        if scan.kind
    }
