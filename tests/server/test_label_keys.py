"""The route for keys of labels."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate.catalog import projects
from curate.review import tokens
from curate.server import label_keys


def test_keys_are_set_by_whoever_has_a_token_and_refused_in_a_sentence(small_project):
    cats = small_project.label_ids["cats"]
    url, headers = f"/api/projects/{small_project.id}/label-keys", {tokens.HEADER: tokens.sign("ann")}
    with TestClient(Starlette(routes=label_keys.routes())) as client:
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
