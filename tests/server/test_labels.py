"""The route for keys of labels."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog import projects
from curate.review import tokens
from curate.server import labels


def test_keys_are_set_by_whoever_has_a_token_and_refused_in_a_sentence(small_project):
    cats = small_project.label_ids["cats"]
    url, headers = f"/api/projects/{small_project.id}/label-keys", {tokens.HEADER: tokens.sign("ann")}
    with TestClient(Starlette(routes=labels.routes())) as client:
        assert client.put(url, json={"keys": {str(cats): "q"}}, headers=headers).json() == {}
        assert projects.labels(small_project.id)[0].key == "q"
        assert client.put(url, json={"keys": {}}).status_code == 403
        for body, sentence in (
            (b"{", "The request is not JSON."),
            (b'{"keys": {"a": "q"}}', "`keys` is an object of label numbers and their keys."),
            (b'{"keys": {"1": 3}}', "`keys` is an object of label numbers and their keys."),
            (b'{"keys": {"1": "dd"}}', "A label's key is one character, not 'dd'."),
        ):
            answer = client.put(url, content=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (400, sentence)
    assert projects.labels(small_project.id)[0].key == "q"


def test_a_label_is_made_once_and_a_name_that_is_none_is_refused(small_project):
    url, headers = f"/api/projects/{small_project.id}/labels", {tokens.HEADER: tokens.sign("ann")}
    with TestClient(Starlette(routes=labels.routes())) as client:
        made = client.post(url, json={"name": " birds "}, headers=headers).json()
        assert made == {"id": projects.find_label(small_project.id, "birds"), "name": "birds"}
        assert client.post(url, json={"name": "birds"}, headers=headers).json() == made
        answer = client.post(url, json={"name": " "}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "A label needs a name.")
        assert client.post(url, json={"name": "x"}).status_code == 403
