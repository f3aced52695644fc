"""All tests of the catalog run on SQLite and on PostgreSQL."""

import pytest


@pytest.fixture(autouse=True)
def catalog_database(either_database: None) -> None:
    """Both, one after the other."""
