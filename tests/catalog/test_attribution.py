"""The attribution list: what is known of each picture's origin, and which are of unknown licence."""

import csv
from pathlib import Path

import pytest

from curate.catalog import attribution, images, projects
from curate.errors import BadInput
from curate.review.deciding import apply, decisions

KNOWN = {
    "a.jpg": {"title": "A *cat*", "creator": "Zoë", "licence": "CC BY 4.0",
              "licence_url": "https://creativecommons.org/licenses/by/4.0/", "landing_page": "https://x.org/a"},
    "b.jpg": {"source": "folder"},
    "c.jpg": {"title": "=1+1", "licence": "CC0 1.0", "licence_url": "javascript:alert(1)", "url": "https://x.org/c.jpg"},
    "d.jpg": {"creator": "Li", "licence": "CC BY 4.0"},
}  # fmt: skip


@pytest.fixture
def project_id() -> int:
    made = projects.create_project("my [pets]")
    new = []
    for place, (name, origin) in enumerate(KNOWN.items()):
        sha = f"{place:064x}"
        images.add_blobs([images.NewBlob(sha, 10, 8, 8, "JPEG", bytes(32))])
        new.append(images.NewImage(sha, "cat", name, "train", provenance=origin))
    images.add_images(made, new, "Ada", "Imported", [])
    return made


def test_licences_are_counted_the_unknown_ones_too(project_id: int):
    assert attribution.count_licences(project_id) == {"CC BY 4.0": 2, "": 1, "CC0 1.0": 1}


def test_the_table_has_a_line_for_every_picture(project_id: int, tmp_path: Path):
    assert attribution.write(project_id, tmp_path / "list.csv") == 4
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0].values()) == [
        "1", "cat", "a.jpg", "A *cat*", "Zoë", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/",
        "https://x.org/a",
    ]  # fmt: skip
    assert [row["licence"] for row in rows] == ["CC BY 4.0", "", "CC0 1.0", "CC BY 4.0"]
    assert (rows[2]["title"], rows[2]["link"]) == ("'=1+1", "https://x.org/c.jpg")  # no formula for a spreadsheet


def test_the_markdown_lists_the_unknown_last_and_links_to_the_web_only(project_id: int):
    assert "".join(attribution.as_markdown(project_id)) == (
        "# Pictures of my \\[pets\\], version 1\n\n"
        "4 pictures:\n\n"
        "- 2 under CC BY 4.0\n- 1 whose licence is not known\n- 1 under CC0 1.0\n"
        "\n## Pictures with a licence\n\n"
        "- [A \\*cat\\*](<https://x.org/a>) by Zoë, [CC BY 4.0](<https://creativecommons.org/licenses/by/4.0/>) "
        "(cat: a.jpg)\n"
        "- [=1\\+1](<https://x.org/c.jpg>), CC0 1.0 (cat: c.jpg)\n"
        "- d.jpg by Li, CC BY 4.0 (cat: d.jpg)\n"
        "\n## Licence not known\n\n"
        "- b.jpg (cat: b.jpg)\n"
    )


def test_the_list_is_of_what_the_current_version_holds(project_id: int):
    decisions.decide(project_id, "Ada", [decisions.Op(1, (1,), "delete")], "client-1")
    apply.apply(project_id, "Ada")
    assert [credit.file_name for credit in attribution.credits(project_id)] == ["b.jpg", "c.jpg", "d.jpg"]


def test_pages_of_the_list_leave_nothing_out(project_id: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attribution, "_PAGE", 2)
    assert [credit.file_name for credit in attribution.credits(project_id)] == list(KNOWN)
    assert len("".join(attribution.as_csv(project_id)).splitlines()) == 5


def test_another_ending_is_refused_and_nothing_is_written(project_id: int, tmp_path: Path):
    with pytest.raises(BadInput, match="list.txt ends neither in .md nor in .csv"):
        attribution.write(project_id, tmp_path / "list.txt")
    assert list(tmp_path.glob("list*")) == []
