"""The components' scripts and what they import."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from curate import scripts

GRID = "components/grid/script/main.js"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(scripts, "ROOT", tmp_path)
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    scripts.modules.cache_clear()
    scripts.version.cache_clear()


def write(folder: Path, **sources: str) -> None:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)


def test_what_a_module_needs_is_listed_once_with_the_module_first(folder: Path) -> None:
    write(
        folder,
        main='import {\n  one,\n} from "./a.js";\nimport { two } from "./b.js";\nexport default () => one + two;\n',
        a='import { two } from "./b.js";\nexport const one = `\n  ${two}`;\n',
        b="export const two = 2;\n",
        other="export const three = 3;\n",
    )
    assert scripts.needed("main.js") == ["main.js", "a.js", "b.js"]


def test_an_import_of_nothing_is_refused(folder: Path) -> None:
    write(folder, main='import { one } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"main.js imports ./a.js, which does not exist"):
        scripts.needed("main.js")


def test_the_version_follows_every_content(folder: Path) -> None:
    write(folder, main="1\n", a="2\n")
    before = scripts.version()
    write(folder, a="3\n")
    assert scripts.version() == before  # what is served stays what was read
    forget()
    assert scripts.version() != before


def test_every_file_of_the_grid_is_needed_by_its_entry() -> None:
    needed = set(scripts.needed(GRID))
    assert {path for path in scripts.modules() if path.startswith("components/grid/")} <= needed
