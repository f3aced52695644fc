"""Pages opened through the app's entry, and finished runs with probabilities known by hand."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests import factories


@pytest.fixture(autouse=True, scope="session")
def components_of_packages() -> Iterator[None]:
    """AppTest reads what all installed packages say of themselves at every run: 60 % of these tests' time."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """`open_page("evaluate", project=1)`: that page of the app under that address, run once, without an exception."""
    st.cache_resource.clear()
    st.cache_data.clear()

    return factories.open_page


@pytest.fixture
def add_run() -> Callable[..., int]:
    """`add_run(project_id, [(0.9, 0.1), …], config={})`: id of a finished run with these probabilities, in id order."""

    return functools.partial(factories.add_run, epoch=factories.FIRST_EPOCH)


@pytest.fixture
def shown_cards() -> Callable[[AppTest], dict[str, list[dict[str, Any]]]]:
    """`shown_cards(app)`: what each strip of read-only cards was given, by the end of its key."""

    def read(app: AppTest) -> dict[str, list[dict[str, Any]]]:
        strips = [strip.proto for strip in app.get("bidi_component") if strip.proto.component_name == "curate_cards"]
        return {strip.id.split("-", 2)[-1]: json.loads(strip.json)["cards"] for strip in strips}

    return read
