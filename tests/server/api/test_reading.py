"""What the API tells of projects, labels, versions, runs and images; the sentence for everything there is not."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from curate.catalog import projects
from curate.review.deciding.decisions import Op, decide
from tests.factories import add_doubted_run

Get = Callable[..., Any]


@pytest.mark.usefixtures("either_database")
def test_a_project_is_described_with_its_labels_versions_and_runs(get: Get, make_project: Any) -> None:
    pets = make_project([("cats", "train"), ("cats", "train"), ("dogs", "train"), ("dogs", "train"), ("dogs", "valid")])
    add_doubted_run(pets.id, [(0.9, 0.1)] * 5, [0.1] * 5)
    (listed,) = get("projects")["items"]
    assert listed == get("projects/pets") == get(f"projects/{pets.id}")
    assert {name: listed[name] for name in ("slug", "name", "version", "n_images", "n_train", "n_valid")} == {
        "slug": "pets", "name": "pets", "version": 1, "n_images": 5, "n_train": 4, "n_valid": 1,
    }  # fmt: skip
    assert [(row["name"], row["n_train"], row["n_valid"]) for row in get("projects/pets/labels")["items"]] == [
        ("cats", 2, 0),
        ("dogs", 2, 1),
    ]
    (version,) = get("projects/pets/versions")["items"]
    assert (version["number"], version["author"], version["is_current"], version["n_images"]) == (1, "Ada", True, 5)
    (run,) = get("projects/pets/runs")["items"]
    assert run == get("projects/pets/runs/1")
    assert (run["number"], run["status"], run["labels"], run["accuracy"]) == (1, "done", ["cats", "dogs"], 0.0)


def test_projects_of_the_same_slug_are_told_apart_by_their_number(get: Get) -> None:
    ids = [projects.create_project(name) for name in ("Cats & Dogs", "cats, dogs", "Katzen: süß", "!")]
    slugs = ["cats-dogs", f"cats-dogs-{ids[1]}", "katzen-süß", "project"]
    assert [row["slug"] for row in reversed(get("projects")["items"])] == slugs
    assert [get(f"projects/{slug}")["id"] for slug in slugs] == ids


@pytest.mark.usefixtures("either_database")
def test_images_come_in_parts_that_fit_together(get: Get, small_project: Any) -> None:
    seen, after = [], dict[str, str]()
    while True:
        part = get("projects/pets/images", limit=3, **after)
        seen += [row["id"] for row in part["items"]]
        if part["next"] is None:
            break
        after = {"after": part["next"]}
    assert seen == small_project.image_ids
    dogs = get("projects/pets/images", label="dogs", split="valid", text="7.P")["items"]
    assert [(row["file_name"], row["label"], row["split"], row["score"]) for row in dogs] == [
        ("7.png", "dogs", "valid", None)
    ]


@pytest.mark.usefixtures("either_database")
def test_a_runs_images_come_as_the_grid_shows_them_also_while_people_decide(get: Get, make_project: Any) -> None:
    pets = make_project([("cats", "train"), ("cats", "train"), *[("dogs", "train")] * 2, ("dogs", "valid")])
    add_doubted_run(pets.id, [(0.9, 0.1)] * 5, [0.1, 0.9, 0.5, 0.3, 0.7], suggested={1: 1})
    first, second, third, fourth, fifth = pets.image_ids
    query = {"run": 1, "sort": "doubt", "reviewed": "no", "limit": 2}
    part = get("projects/pets/images", **query)
    assert [(row["id"], row["score"]["doubt"]) for row in part["items"]] == [(second, 0.9), (fifth, 0.7)]
    assert part["items"][0]["score"]["suggested"] == "dogs" and part["items"][1]["score"]["suggested"] is None
    decide(pets.id, "ann", [Op(1, (second, fifth), "keep")], "ann's browser")
    part = get("projects/pets/images", **query, after=part["next"])
    assert [row["id"] for row in part["items"]] == [third, fourth]
    last = get("projects/pets/images", **query, after=part["next"])
    assert ([row["id"] for row in last["items"]], last["next"]) == ([first], None)
    assert [row["id"] for row in get("projects/pets/images", run=1, suggested="dogs")["items"]] == [second]
    assert get("projects/pets/images", run=1, doubt_from=0.6, doubt_to=0.8)["items"][0]["decision"] == "keep"


def test_an_image_comes_with_its_facts_file_and_story(client: TestClient, get: Get, small_project: Any) -> None:
    image = f"projects/pets/images/{small_project.image_ids[0]}"
    facts = get(image)
    assert (facts["sha256"], facts["format"], facts["state"]) == (small_project.shas[0], "PNG", "active")
    answer = client.get(f"/api/v1/{image}/file")
    assert len(answer.content) == facts["n_bytes"] and answer.content.startswith(b"\x89PNG")
    assert answer.headers["content-disposition"] == 'attachment; filename="0.png"'
    decide(
        small_project.id, "ann", [Op(1, (facts["id"],), "relabel", small_project.label_ids["dogs"])], "ann's browser"
    )
    story = get(f"{image}/story")["items"]
    assert [(event["action"], event["by"], event["label"]) for event in story] == [
        ("added", "Ada", "cats"),
        ("relabel", "ann", "dogs"),
    ]
    assert get(image)["decision_label"] == "dogs"


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("nothing", 404, "The API has nothing at this address."),
        ("", 404, "The API has nothing at this address."),
        ("projects/cows", 404, "There is no project 'cows'."),
        ("projects/999", 404, "There is no project 999."),
        ("projects/pets/runs/7", 404, "The project has no run 7."),
        ("projects/pets/images/99999", 404, "The project has no image 99999."),
        ("projects/pets/images/99999/file", 404, "The project has no image 99999."),
        (f"projects/pets/images/{'9' * 40}", 404, "The project has no image 0."),
        ("projects/pets/images?run=7", 404, "The project has no finished run 7."),
        ("projects/pets/images?label=cows", 404, "There is no label cows."),
        ("projects/pets/images?after=x", 422, "The request has values that cannot be used."),
        ("projects/pets/images?quality=dark", 404, "The project has no finished run."),
        ("projects/pets/images?limit=0", 422, "The request has values that cannot be used."),
        ("projects/pets/images?text=a%00b", 422, "The request has values that cannot be used."),
        ("projects/pets/images?limit=1&limit=2", 422, "The request has values that cannot be used."),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_sentence(
    client: TestClient, small_project: Any, path: str, status: int, detail: str
) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["type"], body["status"], body["detail"]) == ("about:blank", status, detail)


def test_a_problem_names_every_value_that_cannot_be_used(client: TestClient, small_project: Any) -> None:
    errors = client.get("/api/v1/projects/pets/images?limit=9999&cows=1").json()["errors"]
    assert errors == [
        {"where": "query.limit", "why": "Input should be less than or equal to 500"},
        {"where": "query.cows", "why": "Extra inputs are not permitted"},
    ]


def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes(client: TestClient) -> None:
    answer = client.delete("/api/v1/projects")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert client.head("/api/v1/projects").status_code == 200
    assert client.request("QUERY", "/api/v1/projects").json()["status"] == 405


def test_another_sites_page_and_another_name_are_refused_as_problems(client: TestClient) -> None:
    foreign = client.get("/api/v1/projects", headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.headers["content-type"]) == (403, "application/problem+json")
    rebound = client.get("/api/v1/projects", headers={"Host": "evil.example"})
    assert (rebound.status_code, rebound.json()["detail"]) == (421, "This server does not answer to that name.")
