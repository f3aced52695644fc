"""A map over HTTP: bytes in the order the script reads them, and what is chosen kept under a number."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog import maps as kept_maps
from curate.catalog.maps import Map, MapFacts, Shades
from curate.review import tokens
from curate.review.listing import selections
from curate.server import maps


@pytest.fixture
def client(home: Any, small_project: Any) -> Iterator[TestClient]:
    """A client, and map number 4 of the project's eight images."""
    ids = np.array(small_project.image_ids, np.int64)
    facts = MapFacts(4, 1, "pixels-32-squish", "2026-01-01T00:00:00+00:00", 8, int(ids[-1]))
    kept_maps.write(small_project.id, Map(facts, ids, np.stack([np.arange(8) / 7, np.zeros(8)], axis=1)))
    with TestClient(Starlette(routes=maps.routes()), headers={tokens.HEADER: tokens.sign("ann")}) as client:
        yield client


def test_points_are_twelve_bytes_with_their_shades(client: TestClient, small_project: Any) -> None:
    base = f"/api/projects/{small_project.id}/maps/4"
    points, shades = client.get(f"{base}/points"), client.get(f"{base}/shades")
    assert (len(points.content), len(shades.content)) == (8 * 8, 8 * 4)
    assert "immutable" in points.headers["cache-control"] and shades.headers["cache-control"] == "no-store"
    assert np.frombuffer(points.content[:32], "<u4").tolist() == small_project.image_ids
    assert np.frombuffer(points.content[32:48], "<u2").tolist()[:3] == [0, 9362, 18724]  # sevenths of 65,535
    assert np.frombuffer(shades.content[:16], "<u2").tolist() == [0] * 4 + [1] * 4
    assert set(shades.content[16:24]) == {0} and set(shades.content[24:]) == {maps.NO_DOUBT}


def test_shades_travel_as_places_and_steps() -> None:
    found = Shades(np.array([7, kept_maps.GONE, 9]), np.array([0, 2, 3], np.uint8), np.array([np.nan, 0.5, 1.0]))
    assert maps.as_bytes(found, [9, 7]) == b"\x01\x00\xff\xff\x00\x00" + b"\x00\x02\x03" + b"\xff\x7f\xfe"


def test_what_is_chosen_is_kept_under_a_number(client: TestClient, small_project: Any) -> None:
    chosen = np.array(small_project.image_ids[2:5], "<u4")
    answer = client.post(f"/api/projects/{small_project.id}/maps/picked", content=chosen.tobytes())
    assert answer.status_code == 200
    assert selections.image_ids(answer.json()["picked"]).tolist() == small_project.image_ids[2:5]
    assert selections.find(answer.json()["picked"]).author == "ann"


@pytest.mark.parametrize(
    ("body", "words"), [(b"", "Between 1 and"), (b"abc", "did not arrive whole"), (b"\0" * 400_004, "At most 100,000")]
)
def test_a_choice_that_makes_no_sense_is_refused(
    client: TestClient, small_project: Any, body: bytes, words: str
) -> None:
    answer = client.post(f"/api/projects/{small_project.id}/maps/picked", content=body)
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_a_map_that_is_gone_and_a_stranger_are_told_so(client: TestClient, small_project: Any) -> None:
    answer = client.get(f"/api/projects/{small_project.id}/maps/5/points")
    assert (answer.status_code, answer.json()["hint"]) == (404, "Reload the page for the newest one.")
    assert client.get(f"/api/projects/{small_project.id}/maps/4/points", headers={tokens.HEADER: ""}).status_code == 403
    cards = client.get(f"/api/projects/{small_project.id}/maps/cards?ids={small_project.image_ids[0]},x,99").json()
    assert [card["file_name"] for card in cards] == ["0.png"]
