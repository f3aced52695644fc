"""`python -m curate gather`: what the page does, from the command line."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curate.catalog import images, projects
from curate.cli import main
from tests.gather.web import OpenverseSite, serving


@pytest.fixture
def site(picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenverseSite]:
    with serving(OpenverseSite(30, lambda number: picture(number, side=64) if number % 3 else b"<html>")) as made:
        monkeypatch.setenv("CURATE_OPENVERSE_URL", made.url)
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
        yield made  # type: ignore[misc]


def test_a_gathering_from_the_command_line_tells_what_came_of_it(
    site: OpenverseSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = tmp_path / "refused.csv"
    arguments = ["gather", "Pets", "chihuahua=chihuahua dog", "--n", "5", "--license-type", "commercial"]
    assert main([*arguments, "--refused", str(refused), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["labels"] == [
        {"label": "chihuahua", "from": "Openverse", "wanted": 5, "found": 20, "fetched": 5, "kept": 5, "refused": 3}
    ]
    assert answer["refused"] == {"Not a readable picture: a web page": 3}
    whys = [row[2] for row in csv.reader(refused.read_text().splitlines())]
    assert whys == ["why"] + ["Not a readable picture: a web page"] * 3
    assert (site.queries[0]["q"], site.queries[0]["license_type"]) == ("chihuahua dog", "commercial")
    project = projects.find_project("Pets")
    [first, *_] = images.image_rows(images.hashes(project.id).image_ids.tolist())
    assert first.provenance == {
        "source": "openverse", "name": "Openverse", "query": "chihuahua dog", "path": f"{site.url}/pictures/1.png",
        "url": f"{site.url}/pictures/1.png", "title": "Picture 1", "creator": "Ada", "licence": "CC BY-SA 4.0",
        "creator_url": "https://example.org/ada", "licence_url": "https://creativecommons.org/licenses/by-sa/4.0/",
        "landing_page": "https://example.org/photos/1", "attribution": '"Picture 1" by Ada', "provider": "flickr",
    }  # fmt: skip


def test_a_list_a_linked_folder_and_mistakes(
    site: OpenverseSite, tmp_path: Path, capsys: pytest.CaptureFixture[str], pictures: Callable[..., list[Path]]
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(f"url,label,licence\n{site.url}/pictures/1.png,cats,CC0\n{site.url}/nowhere.png,cats,\n")
    assert main(["gather", "Pets", "--list", str(listed)]) == 0
    assert "1 refused: The server answered 404 Not Found" in capsys.readouterr().out
    pictures(tmp_path / "in", {"dogs": 2})
    assert main(["gather", "Pets", "--folder", str(tmp_path / "in"), "--link"]) == 0
    assert "2 of 2 files added" in capsys.readouterr().out
    for wrong, sentence in (
        (["Pets"], "Nothing is asked for"), (["Pets", "--resume"], "no gathering that could be gone on with"),
        (["Pets", "--folder", "/no/such"], "There is no folder /no/such"), (["New", "cats", "--n", "0"], "not 0"),
    ):  # fmt: skip
        assert main(["gather", *wrong]) == 1
        assert sentence in capsys.readouterr().err


def test_pictures_without_labels_come_in_from_folders_and_searches(
    site: OpenverseSite, tmp_path: Path, capsys: pytest.CaptureFixture[str], picture: Callable[..., bytes]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(picture(500))
    assert main(["import", "Photos", str(tmp_path / "in"), "--yes"]) == 1
    assert "take the pictures without labels" in capsys.readouterr().err
    assert main(["import", "Photos", str(tmp_path / "in"), "--yes", "--unlabelled"]) == 0
    assert "No folders of labels: 1 picture without a label." in capsys.readouterr().out
    assert main(["gather", "Photos", "pop art", "--unlabelled", "--n", "2"]) == 0
    assert site.queries[0]["q"] == "pop art"
    assert projects.find_project("Photos").n_unlabelled == 3
    assert projects.labels(projects.find_project("Photos").id) == []
