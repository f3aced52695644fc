"""Putting the grid's script files together."""

from pathlib import Path

import pytest

from curate.scripts import bundle
from curate.ui.components import grid


def write(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder


def test_what_is_imported_stands_before_what_needs_it_and_only_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main='import { one } from "./a.js";\nimport { two } from "./b.js";\nexport default () => one + two;\n',
        a='import { two } from "./b.js";\n/** Documented. */\nexport const one = two - 1;\n',
        b="export const two = 2; // why two\n",
    )
    assert bundle(folder, "main").split("\n") == [
        "const module_b = (() => {",
        "const two = 2; // why two",
        "",
        "return { two };",
        "})();",
        "const module_a = (() => {",
        "const { two } = module_b;",
        "const one = two - 1;",
        "",
        "return { one };",
        "})();",
        "const { one } = module_a;",
        "const { two } = module_b;",
        "export default () => one + two;",
        "",
    ]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, a='import { b } from "./b.js";\n', b='import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match="in a circle: a -> b -> a"):
        bundle(folder, "a")


def test_every_file_of_the_grid_is_in_its_script() -> None:
    folder = Path(grid.__file__).with_name("script")
    script = bundle(folder, "main")
    assert "import {" not in script
    for path in folder.glob("*.js"):
        assert path.stem == "main" or f"const module_{path.stem} = " in script
