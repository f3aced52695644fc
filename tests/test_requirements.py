"""requirements.txt names what the program imports, each by a line of its own; the lock names all versions."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Needed and never imported by us: whoever looks for it.
LOOKED_UP = {
    "psycopg": "SQLAlchemy, by the address of a PostgreSQL database",
    "httptools": "uvicorn, as its parser",
    "authlib": "Streamlit, where people log in",
    "python-multipart": "Starlette, for forms with files",
    "sniffio": "httpcore, at every request",
}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(file: str) -> dict[str, str]:
    """Name → version of every line."""
    lines = [line.split(";")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {normalized(name.split("[")[0]): version for name, version in pairs}


def imported_packages() -> Iterator[str]:
    for path in [*(ROOT / "curate").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "Home.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def test_every_import_has_its_line_and_every_line_its_import() -> None:
    distributions = packages_distributions()
    ours = {"curate", "pages", *sys.stdlib_module_names}
    imported = {
        normalized(distribution)
        for package in set(imported_packages()) - ours
        for distribution in distributions.get(package, [package])
    }
    assert imported - required("requirements.txt").keys() == set()
    assert required("requirements.txt").keys() - imported == LOOKED_UP.keys()


def test_the_lock_has_the_versions_of_requirements_and_names_no_registry() -> None:
    locked = required("requirements.lock")
    assert required("requirements.txt").items() <= locked.items()
    assert len(locked) > 2 * len(required("requirements.txt"))
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_pyproject_reads_requirements_and_ships_every_kind_of_file_that_curate_reads() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    shipped = {pattern.lstrip("*") for pattern in project["tool"]["setuptools"]["package-data"]["*"]}
    kept = {path.suffix for path in (ROOT / "curate").rglob("*.*") if path.parent.name != "__pycache__"}
    assert kept - {".py", ".ts"} == shipped  # the scripts' types serve checks only
