"""What holds for every page of the app, as a browser opens it."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from curate.catalog import projects
from curate.ui.shell import navigation

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.mark.parametrize("name", ["", "evaluate"])
def test_a_first_visit_asks_for_nothing_that_is_not_there(browser: Any, app_server: Any, name: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    refused: list[tuple[int, str]] = []
    page.on("response", lambda answer: refused.append((answer.status, answer.url)) if answer.status >= 400 else None)
    page.goto(f"{app_server.url}/{name}")
    page.get_by_test_id("stSidebar").get_by_role("link").first.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    context.close()
    assert refused == []


def test_a_link_carries_a_projects_name_whatever_letters_it_has(
    browser: Any, app_server: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CURATE_HOME", str(app_server.home))
    name = "a&b=c #1 ü/%2F ?x 猫"
    projects.create_project(name)
    projects.create_project("a newer one")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{app_server.url}/?{urlencode({'project': name})}")
    page.get_by_role("heading", name=name).wait_for(timeout=60_000)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Team").click()
    page.wait_for_url("**/team?**")
    assert dict(parse_qsl(urlsplit(page.url).query)) == {"project": name}
    page.reload()
    chooser = page.get_by_test_id("stSidebar").get_by_role("combobox")
    chooser.wait_for(timeout=60_000)
    assert chooser.input_value() == name
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_against_wcag_on_any_page(
    browser: Any, app_server: Any, make_app_review: Any, scheme: str
) -> None:
    sync_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    review = make_app_review(24)
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    violations = []
    for name in navigation.PLACES:
        address = "" if name == "overview" else name
        page.goto(f"{app_server.url}/{address}?project={review.project_id}")
        page.get_by_test_id("stSidebar").get_by_role("link").first.wait_for(timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.get_by_test_id("stApp").and_(page.locator("[data-test-script-state='notRunning']")).wait_for()
        broken = sync_playwright.Axe().run(page, options=AXE).response["violations"]
        violations += [(name, rule["id"], node["html"][:200]) for rule in broken for node in rule["nodes"]]
    context.close()
    assert violations == []
