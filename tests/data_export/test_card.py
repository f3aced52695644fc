"""The data card says what is known, with its interval, and nothing else; attribution is that of the version."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate import store
from curate.catalog import exports, images, projects
from curate.data_export import data_card, version_images
from curate.data_export.data_card import ErrorsLeft
from curate.evaluation.intervals import Interval
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import export as submit
from curate.jobs.submit.export import Extras
from curate.review.deciding.apply import apply
from curate.review.reports import stopping_estimate
from tests.conftest import tiny_picture
from tests.data_export.test_versions import decide
from tests.factories import add_doubted_run, export

KNOWN = [
    {"source": "openverse", "name": "Openverse", "licence": "CC BY 4.0", "title": "A cat", "creator": "Eve"},
    {"source": "openverse", "name": "Openverse", "licence": "CC BY 4.0"},
    {"source": "folder", "name": "p|ts\n# no heading"},
]


@pytest.fixture
def known_project() -> Any:
    """Three pictures: two from Openverse under a licence, one from a folder with an odd name."""
    project_id = projects.create_project("Pets: [a](b)")
    new = []
    for number, known in enumerate(KNOWN):
        data = tiny_picture(number)
        sha = store.add_blob(data)
        images.add_blobs([images.NewBlob(sha, len(data), 8, 8, "PNG", bytes(32))])
        split = "valid" if number == 1 else "train"
        new.append(images.NewImage(sha, "cats|dogs" if number else "cats", f"{number}.png", split, provenance=known))
    images.add_images(project_id, new, "Ada", "Imported", [])
    return project_id


def card(project_id: int, number: int | None = None, left: ErrorsLeft | None = None) -> str:
    return data_card.text(version_images.find_version(project_id, number), left)


def section(text: str, title: str) -> list[str]:
    return text.partition(f"## {title}\n\n")[2].partition("\n\n## ")[0].strip().splitlines()


def test_it_counts_labels_sources_and_licences(known_project: int) -> None:
    text = card(known_project)
    assert "# Pets: \\[a\\]\\(b\\), version 1\n" in text
    assert "3 pictures under 2 labels" in text and "2 are meant for training, 1 are held out" in text
    assert section(text, "Labels")[2:] == ["| cats | 1 | 0 |", "| cats\\|dogs | 1 | 1 |"]
    sources = section(text, "Where the pictures come from")[2:]
    assert sources == ["| Openverse | Openverse | 2 |", "| a folder | p\\|ts \\# no heading | 1 |"]
    assert section(text, "Licences") == [
        "| licence | pictures |", "| --- | --- |", "| CC BY 4.0 | 2 |", "| not known | 1 |", "",
        "Of 1 picture the licence is not known: ask before you publish or sell them.",
    ]  # fmt: skip


def test_its_head_is_yaml_whatever_the_project_is_called(known_project: int) -> None:
    yaml = pytest.importorskip("yaml")
    head = yaml.safe_load(card(known_project).split("---\n")[1])
    assert head == {
        "pretty_name": "Pets: [a](b)", "task_categories": ["image-classification"], "size_categories": ["n<1K"],
        "license": "other",
    }  # fmt: skip


def test_it_says_how_the_labels_were_cleaned_and_by_how_many_up_to_the_version(small_project: Any) -> None:
    assert "Nobody has reviewed these labels" in card(small_project.id)
    decide(small_project, "relabel", 0, "dogs")
    decide(small_project, "delete", 1)
    decide(small_project, "keep", 2, who="Bob")
    apply(small_project.id, "Ada")
    assert "Nobody has reviewed these labels" in card(small_project.id, 1)
    [line] = section(card(small_project.id), "How the labels were cleaned")
    assert line == (
        "2 people reviewed pictures in Curate: 1 confirmed, 1 relabelled, 1 deleted up to this version. "
        "Of its 7 pictures, the label of 2 was given or confirmed by a person."
    )


def test_wrong_labels_are_stated_with_their_interval_or_not_at_all(small_project: Any) -> None:
    [line] = section(card(small_project.id), "Wrong labels that are left")
    assert line.startswith("Not known")
    left = ErrorsLeft(Interval(12.4, 3.2, 30.8), 55, 2)
    [line] = section(card(small_project.id, left=left), "Wrong labels that are left")
    assert line == (
        "Between 3 and 31 (95 % interval; most likely 12) among the pictures that nobody reviewed, estimated from "
        "55 reviewed pictures. 2 decisions waited when this was written and are not in this version."
    )


def test_the_job_states_them_for_the_newest_version_once_twenty_were_reviewed(
    make_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping_estimate, "REST", 0)  # a job's own process has no estimate of before
    made = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 8])
    add_doubted_run(made.id, [(0.9, 0.1)] * 48, [0.02 * place for place in range(48)])

    def stated(number: int) -> str:
        export_id, job_id = submit.start(made.id, "card", number, None, Extras(), "Ada")
        run_job(job_id)
        return section(submit.path_of(exports.find(export_id)).read_text(), "Wrong labels that are left")[0]

    for place in range(19):
        decide(made, "keep", place)
    assert stated(1).startswith("Not known")
    decide(made, "relabel", 40, "cats")
    assert stated(1).startswith("Between ") and "from 20 reviewed pictures. 1 decision waited" in stated(1)
    apply(made.id, "Ada")
    assert stated(1).startswith("Not known")
    assert stated(2).startswith("Between ") and "waited" not in stated(2)


def test_a_card_or_list_is_one_file_and_attribution_is_that_of_the_version(known_project: int, tmp_path: Path) -> None:
    export(known_project, "attribution", tmp_path / "credits.md")
    text = (tmp_path / "credits.md").read_text()
    assert "- 2 under CC BY 4.0\n- 1 whose licence is not known" in text and "A cat by Eve" in text
    export(known_project, "attribution", tmp_path / "credits.csv")
    assert len((tmp_path / "credits.csv").read_text().splitlines()) == 4
    export(known_project, "folders", tmp_path / "out", has_card=False, has_attribution=False)
    assert not (tmp_path / "out" / "ATTRIBUTION.md").exists()
    assert "## Licences" not in (tmp_path / "out" / "README.md").read_text()
    assert "classes.txt" in (tmp_path / "out" / "README.md").read_text()


def test_datasets_reads_the_head_of_the_card_beside_the_parquet_files(small_project: Any, tmp_path: Path) -> None:
    from huggingface_hub import DatasetCard

    export(small_project.id, "parquet", tmp_path / "out")
    loaded = DatasetCard.load(tmp_path / "out" / "README.md")
    assert loaded.data.to_dict()["task_categories"] == ["image-classification"]
    assert json.loads(json.dumps(loaded.data.to_dict()))["pretty_name"] == "pets"
