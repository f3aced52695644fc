"""The Export page: what is asked for, what is refused in place, and what was exported before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from curate import settings
from curate.catalog import exports
from curate.catalog import jobs as rows
from curate.jobs.runtime.job_process import run_job
from curate.jobs.submit import export
from curate.jobs.submit.export import Extras
from curate.review.deciding.apply import apply
from tests.data_export.test_versions import decide


def captions(app: AppTest) -> str:
    return "\n".join(element.value for element in app.caption).replace("\\", "")


def test_any_version_is_asked_for_in_any_format(open_page: Callable[..., AppTest], small_project: Any) -> None:
    decide(small_project, "delete", 1)
    apply(small_project.id, "Ada")
    app = open_page("export", project=small_project.id)
    assert app.button(key="export").label == "Export 7 pictures"
    app.selectbox(key="export_version").set_value(1).run()
    app.radio(key="export_format").set_value("parquet").run()
    app.checkbox(key="export_attribution").uncheck().run()
    assert (app.query_params["version"], app.query_params["format"]) == ("1", "parquet")
    app.button(key="export").click().run()
    assert not app.exception
    [row] = exports.list_exports(small_project.id)
    assert (row.version_number, row.format, row.path, row.status) == (1, "parquet", None, "queued")
    assert (row.settings["card"], row.settings["attribution"]) == (True, False)
    [job] = rows.list_jobs()
    assert (job.kind, job.args) == ("export", {"export_id": row.id})


def test_a_folder_is_checked_in_place_and_one_with_an_earlier_export_is_brought_up_to_date(
    open_page: Callable[..., AppTest], small_project: Any, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    app = open_page("export", project=small_project.id, format="folders")
    app.segmented_control(key="export_where").set_value("Folder on the server").run()
    assert app.button(key="export").disabled
    for typed, sentence in (
        (tmp_path / "full", "is not an empty folder"),
        ("photos", "is not a full path"),
        (settings.home() / "x", "Curate's own data folder"),
    ):
        app.text_input(key="export_folder").set_value(str(typed)).run()
        assert sentence in app.error[0].value.replace("\\", "") and app.button(key="export").disabled
    _, job_id = export.start(small_project.id, "folders", 1, tmp_path / "out", Extras(), "Ada")
    run_job(job_id)
    app.text_input(key="export_folder").set_value(str(tmp_path / "out")).run()
    assert "Version 1 was exported there: only what changed since is written." in captions(app)
    app.button(key="export").click().run()
    assert exports.list_exports(small_project.id)[0].path == str(tmp_path / "out")


def test_earlier_exports_are_listed_and_deleted(
    open_page: Callable[..., AppTest], small_project: Any, tmp_path: Path
) -> None:
    assert "Nothing has been exported yet." in captions(open_page("export", project=small_project.id))
    ours, job_id = export.start(small_project.id, "zip", None, None, Extras(), "<b>Ada</b>")
    run_job(job_id)
    elsewhere, job_id = export.start(small_project.id, "csv", None, tmp_path, Extras(), "Bob")
    run_job(job_id)
    app = open_page("export", project=small_project.id)
    assert [link.proto.url for link in app.get("link_button")] == [f"/api/exports/{ours}/download"]
    assert "8 pictures" in captions(app) and f"in {tmp_path}/pets-v1.csv" in captions(app)
    folder = settings.home() / "exports" / str(ours)
    assert folder.exists()
    app.button(key=f"remove_export_{ours}").click().run()
    app.button(key=f"remove_export_{elsewhere}").click().run()
    assert not folder.exists() and (tmp_path / "pets-v1.csv").exists()
    assert "Nothing has been exported yet." in captions(app)


def test_a_failed_export_says_why_and_goes_on(
    open_page: Callable[..., AppTest], small_project: Any, tmp_path: Path
) -> None:
    export_id, job_id = export.start(small_project.id, "folders", None, tmp_path / "out", Extras(), "Ada")
    (tmp_path / "out").write_text("in the way")
    run_job(job_id)
    app = open_page("export", project=small_project.id)
    assert any("is not an empty folder" in error.value.replace("\\", "") for error in app.error)
    assert "stopped" in captions(app)
    app.button(key=f"export_retry_{job_id}").click().run()
    assert [job.args["export_id"] for job in rows.open_jobs()] == [export_id]


def test_what_was_left_out_is_named(open_page: Callable[..., AppTest], small_project: Any) -> None:
    from curate import store

    store.remove_blob(small_project.shas[2])
    _, job_id = export.start(small_project.id, "zip", None, None, Extras(), "Ada")
    run_job(job_id)
    app = open_page("export", project=small_project.id)
    assert "1 file left out" in [expander.label for expander in app.expander]
    assert any("2.png" in line.value.replace("\\", "") for line in app.markdown)


def test_cells_that_a_spreadsheet_would_run_are_counted_below_the_export(
    open_page: Callable[..., AppTest], make_project: Callable[..., Any]
) -> None:
    made = make_project([("=1+1", "train"), ("dogs", "train")])
    note = "1 cell of the table would be a formula to a spreadsheet."
    for extras, is_noted in ((Extras(spreadsheet=True), False), (Extras(), True)):
        _, job_id = export.start(made.id, "csv", None, None, extras, "Ada")
        run_job(job_id)
        assert (note in captions(open_page("export", project=made.id))) == is_noted


def test_a_model_is_offered_where_a_run_has_finished(
    open_page: Callable[..., AppTest], small_project: Any, add_run: Callable[..., int]
) -> None:
    assert "No run has finished yet" in captions(open_page("export", project=small_project.id))
    add_run(small_project.id, [(0.9, 0.1)] * 8)
    app = open_page("export", project=small_project.id)
    app.button(key="export_model").click().run()
    assert [job.kind for job in rows.open_jobs()] == ["export_model"]
