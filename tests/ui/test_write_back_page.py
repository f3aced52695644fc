"""The write-back page: the sentence where there is no folder, the preview, half-way, and what is asked for."""

from curate import jobs
from curate.catalog import write_backs
from curate.write_back import moving
from tests.write_back.conftest import decide, ignore, plan, take_in  # noqa: F401 (a fixture)


def page_text(app):
    kinds = (app.info, app.success, app.warning, app.markdown, app.caption)
    return " ".join(element.value for kind in kinds for element in kind)


def test_a_project_without_a_folder_is_told_so(open_page, small_project):
    app = open_page("write_back", project=small_project.id)
    assert "did not come from a folder on this machine" in app.info[0].value.replace("\\", "")
    assert not app.button


def test_the_preview_says_what_moves_and_one_button_moves_it(open_page, take_in):  # noqa: F811
    pets, folder = take_in("cats/a.png", "cats/b.png", "dogs/c.png")
    decide(pets, "a.png", "relabel", "dogs")
    decide(pets, "b.png", "delete")
    app = open_page("write_back", project=pets)
    app.button(key="preview_write_back").click().run()
    job = jobs.list_jobs(pets, statuses=("queued",))[0]
    assert (job.kind, job.args) == ("plan_write_back", {"write_back": 1})
    row = plan(pets)
    jobs.cancel(job.id)
    app = open_page("write_back", project=pets)
    assert [metric.value for metric in app.metric] == ["1", "1", "0"]
    assert app.dataframe[0].value.to_dict("records") == [
        {"What": "into quarantine", "From": "cats", "To": "quarantine", "Files": 1},
        {"What": "moves", "From": "cats", "To": "dogs", "Files": 1},
    ]
    assert list(app.dataframe[1].value["File"]) == ["cats/a.png", "cats/b.png"]
    app.button(key="write_back").click().run()
    job = jobs.list_jobs(pets, statuses=("queued",))[0]
    assert (job.kind, job.args) == ("write_back", {"write_back": row.id})


def test_half_way_it_can_be_gone_on_with_or_rolled_back(open_page, take_in):  # noqa: F811
    pets, folder = take_in("cats/a.png", "cats/b.png", "dogs/c.png")
    decide(pets, ["a.png", "b.png"], "relabel", "dogs")
    row = plan(pets)
    write_backs.change_state(row.id, ("planned",), "writing")
    first = write_backs.files(row.id)[0]
    write_backs.mark([moving._forth(folder, first)])
    app = open_page("write_back", project=pets)
    assert "1 files have moved, 1 have not" in app.warning[0].value
    assert [button.label for button in app.button][-2:] == ["Go on", "Roll back"]
    moving.carry_out(row.id, ignore)
    app = open_page("write_back", project=pets)
    assert "2 files moved" in app.success[0].value
    app.button(key=f"undo_{row.id}").click().run()
    job = jobs.list_jobs(pets, statuses=("queued",))[0]
    assert (job.kind, job.args) == ("undo_write_back", {"write_back": row.id})
    jobs.cancel(job.id)
    moving.undo(row.id, ignore)
    assert "2 files lie where they lay" in open_page("write_back", project=pets).info[0].value
