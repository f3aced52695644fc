"""The square: one file for training, predicting and exports, alone on Pillow and numpy; the same pixels from each."""

import ast
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from curate import pictures, square
from curate.model_export import golden

ALONE = """
import sys
from pathlib import Path
import numpy as np
import square
assert not any(name.partition(".")[0] == "curate" for name in sys.modules)
for file in sorted(Path("golden").iterdir()):
    for resize in ("crop", "pad", "squish"):
        np.save(f"{file.name}-{resize}.npy", square.read_square(file, 96, resize))
"""


def test_it_imports_nothing_but_pillow_numpy_and_pi_heif() -> None:
    tree = ast.parse(Path(square.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {
        (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in imports
    }
    assert names - sys.stdlib_module_names == {"numpy", "PIL", "pi_heif"}


def test_a_copy_elsewhere_makes_the_same_squares_of_awkward_files(tmp_path: Path) -> None:
    (tmp_path / "square.py").write_bytes(Path(square.__file__).read_bytes())
    (tmp_path / "golden").mkdir()
    files = golden.pictures()
    for name, data in files.items():
        (tmp_path / "golden" / name).write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    for name, data in files.items():
        for resize in ("crop", "pad", "squish"):
            ours = pictures.read_square(data, 96, resize)
            assert ours.shape == (96, 96, 3) and ours.dtype == np.uint8
            assert np.array_equal(np.load(tmp_path / f"{name}-{resize}.npy"), ours), (name, resize)


def test_the_awkward_files_are_awkward_and_no_two_alike() -> None:
    files = golden.pictures()
    facts = {name: pictures.picture_facts(data) for name, data in files.items()}
    assert (facts["turned_6.jpg"].width, facts["turned_6.jpg"].height) == (256, 341)
    assert facts["12_megapixels.jpg"].width * facts["12_megapixels.jpg"].height == 12_000_000
    assert facts["phone.heic"].format == "HEIF"
    assert len({pictures.read_square(data, 32, "squish").tobytes() for data in files.values()}) == len(files) == 15
    assert sum(map(len, files.values())) < 2_000_000


def test_a_picture_turned_by_exif_is_upright_and_a_damaged_one_is_refused() -> None:
    half = np.zeros((40, 80, 3), np.uint8)
    half[:, 40:] = 255  # right half white; turned by 90 degrees to the right: the lower half
    from PIL import Image

    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(half).save(buffer, "PNG", exif=exif)
    seen = square.read_square(buffer.getvalue(), 8, "squish")
    assert seen[:3].max() == 0 and seen[-3:].min() == 255
    with pytest.raises(square.DECODE_ERRORS):
        square.read_square(buffer.getvalue()[:60], 8, "squish")
