"""The Gather page: what is asked for becomes a gathering and a job, what came of it is shown, texts stay texts."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from curate import jobs
from curate.catalog import candidates, gatherings, projects
from curate.catalog import jobs as rows
from curate.catalog.candidates import Found
from curate.catalog.gatherings import NewSearch
from curate.gather import gather_request, refusals
from curate.gather.collect import gather, preview
from curate.gather.limits import Limits
from curate.gather.watch import Watch
from curate.jobs.runtime.job_process import run_job
from tests.gather.web import OpenverseSite, serving

HOSTILE = "<b>x</b> **y**"


@pytest.fixture
def site(picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenverseSite]:
    with serving(OpenverseSite(30, lambda number: picture(number, side=16) if number % 3 else b"<html>")) as made:
        monkeypatch.setenv("CURATE_OPENVERSE_URL", made.url)
        monkeypatch.setenv("CURATE_ALLOW_HOSTS", "127.0.0.1")
        yield made  # type: ignore[misc]


def watch(is_ending: bool = False) -> Watch:
    return Watch(lambda message, tallies: None, lambda: None, lambda: is_ending, time.sleep)


def asked(project_id: int, *searches: NewSearch) -> int:
    chosen = searches or (NewSearch("cats", "cat", 6, "openverse"), NewSearch(HOSTILE, "dog", 6, "openverse"))
    return gather_request.ask(project_id, list(chosen), Limits(min_side_px=8), "Ada")


def said(app: AppTest) -> str:
    return "\n".join(str(each.value) for each in [*app.markdown, *app.caption, *app.html, *app.error, *app.subheader])


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_the_table_begins_with_the_projects_labels_and_start_makes_a_job(
    open_page: Callable[..., AppTest], small_project: Any
) -> None:
    click(open_page("gather", project=small_project.id), "start_gathering")
    [job] = rows.list_jobs()
    assert (job.kind, job.project_id) == ("gather", small_project.id)
    searches = gatherings.searches(job.args["gathering"])
    assert [(w.label, w.query, w.n_wanted, w.source) for w in searches] == [
        ("cats", "cats", 100, "openverse"), ("dogs", "dogs", 100, "openverse"),
    ]  # fmt: skip


def test_another_page_can_ask_for_more_of_one_label(open_page: Callable[..., AppTest], small_project: Any) -> None:
    click(open_page("gather", project=small_project.id, more_of="dogs", more=50), "start_gathering")
    [search] = gatherings.searches(rows.list_jobs()[0].args["gathering"])
    assert (search.label, search.n_wanted) == ("dogs", 50)


def test_an_empty_table_is_told_and_makes_nothing(open_page: Callable[..., AppTest]) -> None:
    app = click(open_page("gather"), "start_gathering")
    assert "Nothing is asked for" in app.error[0].value
    assert projects.list_projects() == [] and rows.list_jobs() == []


def test_a_preview_shows_the_first_results_and_starting_goes_on_with_it(
    open_page: Callable[..., AppTest], site: OpenverseSite
) -> None:
    project_id = projects.create_project("pets")
    gathering_id = asked(project_id)
    preview(gathering_id, watch())
    app = open_page("gather", project=project_id)
    assert said(app).count("<img") == 16
    assert "straight from the sources, not through this server" in said(app)
    assert "Nothing is stored yet" in said(app) and "<b>x</b> **" not in said(app)
    n_asked = site.asked.total()
    assert asked(project_id) == gathering_id
    gather(gathering_id, watch())
    assert site.asked["/v1/images/?q=cat&page=1&page_size=20"] == 1
    assert site.asked.total() > n_asked


def test_what_a_gathering_brought_is_told_label_by_label_with_reasons(
    open_page: Callable[..., AppTest], site: OpenverseSite, shown_cards: Callable[..., Any]
) -> None:
    project_id = projects.create_project("pets")
    gathering_id = asked(project_id)
    result = gather(gathering_id, watch())
    assert (result.n_kept, result.is_open) == (12, False)
    app = open_page("gather", project=project_id)
    table = next(each.value for each in app.dataframe if "Wanted" in each.value.columns)
    assert table["Kept"].tolist() == [6, 6]
    assert (table["Train now"] + table["Valid now"]).tolist() == [6, 6]
    assert (table["Found"] == table["Kept"] + table["Refused"] + table["Not needed"]).all()
    reasons = next(each.value for each in app.dataframe if "Why" in each.value.columns)
    assert reasons.set_index("Why")["How many"].to_dict() == dict(candidates.reasons(gathering_id))
    assert len(shown_cards(app)[f"samples_{project_id}"]) == 6
    assert "CC BY-SA 4.0" in shown_cards(app)[f"samples_{project_id}"][0]["caption"]


def test_one_that_brought_nothing_is_no_success_and_says_first_what_to_do(
    open_page: Callable[..., AppTest], site: OpenverseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CURATE_ALLOW_HOSTS")  # the site's pictures lie on this machine
    project_id = projects.create_project("pets")
    gathering_id = asked(project_id, NewSearch("cats", "cat", 3, "openverse"))
    run_job(jobs.enqueue("gather", project_id, {"gathering": gathering_id}))
    app = open_page("gather", project=project_id)
    assert "check_circle" not in said(app)
    assert "name it in CURATE\\_ALLOW\\_HOSTS to allow it" in app.error[0].value
    click(app, "retry_gathering")
    assert [job.status for job in rows.list_jobs()] == ["queued", "failed"]


def test_one_that_was_stopped_says_what_is_kept_and_can_be_resumed(
    open_page: Callable[..., AppTest], site: OpenverseSite
) -> None:
    project_id = projects.create_project("pets")
    gathering_id = asked(project_id)
    assert gather(gathering_id, watch(is_ending=True)).is_open
    app = open_page("gather", project=project_id)
    assert "It is not finished" in said(app)
    click(app, "resume_gathering")
    assert [(job.kind, job.args) for job in rows.list_jobs()] == [("gather", {"gathering": gathering_id})]


def test_a_source_that_fails_is_noted_beside_its_label(open_page: Callable[..., AppTest], site: OpenverseSite) -> None:
    project_id = projects.create_project("pets")
    site.throttled = ["99999"]
    result = gather(asked(project_id, NewSearch("cats", "cat", 6, "openverse")), watch())
    assert result.is_open and "allows no more requests" in result.notes[0][1]
    app = open_page("gather", project=project_id)
    table = next(each.value for each in app.dataframe if "Wanted" in each.value.columns)
    assert "allows no more requests" in table["Note"][0]


def test_bars_are_shown_while_it_runs(open_page: Callable[..., AppTest]) -> None:
    project_id = projects.create_project("pets")
    gathering_id = asked(project_id)
    job_id = rows.add_job("gather", "Gather", project_id, {"gathering": gathering_id}, "Ada")
    rows.start(job_id)
    tally = {"n_found": 20, "n_waiting": 15, "n_fetched": 3, "n_kept": 0, "n_refused": 2, "n_spare": 0}
    rows.report(job_id, {"done": 3, "total": 12, "message": "Fetching pictures", "tallies": {"0": tally}})
    app = open_page("gather", project=project_id)
    bars = [bar.proto.text for bar in app.get("progress")]
    assert "**cats** · 20 found · 3 fetched · 2 refused" in bars
    assert any("searching" in bar for bar in bars)


def test_what_came_in_is_shown_by_label_and_one_button_leads_on(
    open_page: Callable[..., AppTest], picture: Callable[..., bytes], tmp_path: Path
) -> None:
    for number, name in enumerate(["cats/1.png", "cats/2.png", "do*g*s/3.png"]):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(picture(number))
    project_id = projects.create_project("pets")
    job_id = jobs.enqueue("import", project_id, {"folder": str(tmp_path / "pets")})
    app = open_page("gather", project=project_id)  # sees it wait
    run_job(job_id)
    app.run()
    [lines] = [each.value for each in app.html if "/thumb" in each.value]
    assert lines.count("<img") == 3
    assert lines.index("2 pictures") < lines.index("do*g*s") < lines.index("1 picture<")
    assert [each.value for each in app.subheader][:2] == ["Last import", "Add pictures"]
    assert [each.label for each in app.button if each.key == "next_step"] == ["Train a first model"]
    again = open_page("gather", project=project_id)  # somebody who did not wait for it
    assert [each.value for each in again.subheader][:2] == ["Add pictures", "Last import"]
    assert [each.label for each in again.button if each.key == "next_step"] == ["Train a first model"]


def test_addresses_are_checked_before_anything_is_made(open_page: Callable[..., AppTest]) -> None:
    app = open_page("gather")
    app.segmented_control(key="from").set_value("lists").run()
    app.text_area(key="addresses").set_value("https://a.org/1.jpg\nhttps://a.org/2.jpg")
    app = click(app, "start_list")
    assert "has no label" in app.error[0].value.replace("\\", "")
    assert projects.list_projects() == []
    app.text_input(key="list_label").set_value("cats")
    click(app, "start_list")
    [job] = rows.list_jobs()
    [search] = gatherings.searches(job.args["gathering"])
    assert (search.label, search.source, search.options["n"]) == ("cats", "urls", 2)


def test_the_list_of_refusals_holds_no_formulas() -> None:
    project_id = projects.create_project("pets")
    gathering_id = asked(project_id, NewSearch("=1+1", "cat", 6, "openverse"))
    candidates.add_found(gathering_id, 0, [Found("https://a.org/1"), Found("https://a.org/1")], 1, True)
    text = io.StringIO()
    assert refusals.write_csv(gathering_id, text) == 1
    assert list(csv.reader(io.StringIO(text.getvalue()))) == [
        ["label", "url", "why", "detail"], ["'=1+1", "https://a.org/1", "Found twice", ""],
    ]  # fmt: skip


def test_a_flat_folder_is_shown_as_pictures_without_a_label_before_it_comes_in(
    open_page: Callable[..., AppTest], tmp_path: Path, picture: Callable[..., bytes]
) -> None:
    tmp_path = tmp_path / "flat"
    tmp_path.mkdir()
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(picture(number))
    app = open_page("gather")
    app.segmented_control(key="from").set_value("folder").run()
    app.text_input(key="folder").set_value(str(tmp_path))
    app = click(app, "look_at_folder")
    assert "No folders of labels: 3 pictures without a label" in " ".join(each.value for each in app.markdown).replace(
        "\\", ""
    )
    [tick] = [each for each in app.checkbox if each.label == "Take 3 pictures without a label"]
    assert tick.value is True
    assert "holds 3 files and no folders of labels" in tick.uncheck().run().error[0].value
    app = click(tick.check().run(), "import_plan")
    [job] = rows.list_jobs()
    assert (job.kind, job.args) == ("import", {"folder": str(tmp_path), "unlabelled": True})
