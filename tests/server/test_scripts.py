"""The route for the components' scripts."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from curate import scripts as kept
from curate.server import scripts


def test_a_script_is_served_under_the_name_of_its_content_and_no_other():
    name = kept.keep("greeting", "export default () => 'hello ✓';\n")
    with TestClient(Starlette(routes=scripts.routes())) as client:
        answer = client.get(f"/scripts/{name}")
        assert (answer.status_code, answer.text) == (200, "export default () => 'hello ✓';\n")
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]
        absent = client.get(f"/scripts/{kept.keep('other', 'x')[:-4]}.js")
        assert (absent.status_code, absent.headers["cache-control"]) == (404, "no-store")


def test_another_script_has_another_name():
    assert kept.keep("a", "1") != kept.keep("a", "2")
    assert kept.keep("a", "1") == kept.keep("a", "1")
