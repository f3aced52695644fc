"""What the import tests share."""

from pathlib import Path

import pytest

from curate.catalog import projects


@pytest.fixture
def project() -> int:
    """The number of an empty project."""
    return projects.create_project("pets")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test lays its pictures; not made yet."""
    return tmp_path / "pets"
