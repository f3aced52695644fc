from itertools import count

from curate.catalog import runs
from curate.catalog.database import reading
from curate.review.deciding.decisions import Op
from curate.review.team import audit, batches, blind_answers, opinions, sessions
from curate.review.team.submission import Submission

N = 30  # validation pictures, cats and dogs in turn; all are taken for cats
_seq = count(1)


def make_run(make_project, add_run):
    project = make_project(
        [(label, "train") for label in ("cats", "dogs")] * 2 + [("cats", "valid"), ("dogs", "valid")] * 15
    )
    return project, add_run(project.id, [(0.9, 0.1)] * (4 + N))


def text_of(app) -> str:
    return "\n".join(each.value for each in [*app.markdown, *app.caption]).replace("\\", "")


def test_an_audit_is_started_hides_everything_and_states_its_shares_from_twenty_on(open_page, make_project, add_run):
    project, run_id = make_run(make_project, add_run)
    app = open_page("evaluate", project=project.id)
    assert "100 validation pictures, labelled by somebody who sees nothing else" in text_of(app)
    app.button(key="start_audit_valid").click().run()
    assert not app.exception
    (session,) = sessions.of_project(project.id)
    assert (session.name, session.drawn_from, session.n_queued) == (
        "Random audit of validation pictures, Run 1", "valid", N
    )  # fmt: skip
    with reading() as reader:
        ids = [item.image_id for item in blind_answers.list_items(reader, session.id)]
    app = open_page("curate", project=project.id, session=session.id)
    assert "Hidden are all predictions, the label that it is filed under" in text_of(app)

    for image_id in ids[:19]:
        opinions.take(Submission(session.id, "ann", [Op(next(_seq), (image_id,), "keep", None)], "w"))
    assert "19 of 30 checked. Shares are stated from 20 on." in text_of(open_page("evaluate", project=project.id))
    opinions.take(Submission(session.id, "ann", [Op(next(_seq), (ids[19],), "delete", None)], "w"))
    app = open_page("evaluate", project=project.id)
    right = audit.find(run_id).n_right
    shown = {each.label: each.value for each in app.metric}
    assert shown["Wrong labels"] == "5 %"
    assert shown["Accuracy on checked labels"] == f"{100 * right / 20:.0f} %"
    assert "1 wrong label among 20 pictures drawn at random: 1 to 7 of 30 when they were checked." in text_of(app)
    assert "20 of 30 pictures checked by ann; those left undecided so far are in no number." in text_of(app)
    assert runs.find_run(run_id).project_id == project.id


def test_a_finished_audit_leads_back_to_its_result(open_page, make_project, add_run):
    project, run_id = make_run(make_project, add_run)
    session_id = audit.start(runs.find_run(run_id), "ann", audit.ALL)
    while given := batches.take_next(session_id, "ann", 48):
        for image_id in given.image_ids:
            opinions.take(Submission(session_id, "ann", [Op(next(_seq), (image_id,), "keep", None)], "w"))
    app = open_page("curate", project=project.id, session=session_id)
    assert app.button(key="see_result").label == "See the result"
    found = audit.find(run_id, audit.ALL)
    assert found.is_done and found.n_checked == N + 4
    assert "No wrong label among 34 pictures drawn at random: 0 to 0 of 34" in text_of(
        open_page("evaluate", project=project.id)
    )
