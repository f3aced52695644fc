from collections.abc import Callable

import pytest
from sqlalchemy import delete, update
from streamlit.testing.v1 import AppTest

from curate.catalog import jobs as rows
from curate.catalog import projects, runs, versions
from curate.catalog.database import writing
from curate.catalog.tables.core import Run, Score
from curate.evaluation import Interval
from curate.evaluation.checked_flips import CheckedFlips
from curate.evaluation.ledger import Part, Point
from curate.review.deciding import apply as applying
from curate.review.deciding.decisions import Op, decide
from curate.review.reports import run_comparison
from curate.review.team import flip_check, opinions, sessions
from curate.review.team.submission import Submission
from curate.review.worth import ledger
from curate.review.worth.ledger import Ledger
from curate.ui.compare.flip_check import progress_in_words

RIGHT_CAT, RIGHT_DOG = (0.9, 0.1), (0.1, 0.9)
# Two of each to train on, six of each held out. The first held-out cat is a dog, filed wrongly.
ENTRIES = [(label, split) for label in ("cats", "dogs") for split in ["train"] * 2 + ["valid"] * 6]
FILED_WRONGLY = 2
BEFORE = [
    *[RIGHT_CAT] * 2, RIGHT_DOG, (0.3, 0.7), (0.4, 0.6), *[RIGHT_CAT] * 3,
    *[RIGHT_DOG] * 2, (0.8, 0.2), *[RIGHT_DOG] * 5,
]  # fmt: skip
# Puts right images 3, 4 and 10, breaks 11.
AFTER = [
    *[RIGHT_CAT] * 2, RIGHT_DOG, (0.7, 0.3), (0.6, 0.4), *[RIGHT_CAT] * 3,
    *[RIGHT_DOG] * 2, (0.2, 0.8), (0.6, 0.4), *[RIGHT_DOG] * 4,
]  # fmt: skip


@pytest.fixture
def cleaned(make_project: Callable, add_run: Callable):
    """(project, run before, run after), one relabel applied in between."""
    project = make_project(ENTRIES)
    first = add_run(project.id, BEFORE)
    relabel(project, FILED_WRONGLY, "dogs")
    return project, first, add_run(project.id, AFTER)


def relabel(project, number: int, label: str, message: str = "A dog among the cats") -> None:
    decide(project.id, "Ada", [Op(number, (project.image_ids[number],), "relabel", project.label_ids[label])], "c")
    applying.apply(project.id, "Ada", message)


def page_text(app: AppTest) -> str:
    texts = [*app.markdown, *app.caption, *app.info, *app.error, *app.subheader]
    html = [element.proto.body for element in app.get("html")]
    return "\n".join([*(element.value for element in texts), *html]).replace("\\", "")


def test_with_one_run_the_page_asks_for_another(open_page, small_project, add_run):
    assert "No run has finished yet" in page_text(open_page("compare", project=small_project.id))
    add_run(small_project.id, [(0.5, 0.5)] * 8)
    app = open_page("compare", project=small_project.id)
    assert "Run 1 is the only finished run; a comparison needs two." in page_text(app)
    assert [button.label for button in app.main.button] == ["Review what Run 1 found hard"]


def test_the_newest_run_is_compared_with_the_one_before(open_page, cleaned):
    project, first, second = cleaned
    app = open_page("compare", project=project.id)
    assert (app.selectbox(key="chosen_before").value, app.selectbox(key="chosen_after").value) == (first, second)
    assert app.selectbox(key="chosen_before").options[1].startswith("Run 1 · version 1 · 67 %")  # 8 of 12 in its time


def test_the_last_run_before_and_the_first_after_an_apply_are_compared(open_page, cleaned, add_run):
    project, first, second = cleaned
    add_run(project.id, AFTER, {"architecture": "resnet18", "epochs": 9})  # another on the same labels, newer still
    app = open_page("compare", project=project.id)
    assert (app.selectbox(key="chosen_before").value, app.selectbox(key="chosen_after").value) == (first, second)


def test_an_older_run_chosen_by_hand_is_compared_with_the_one_before_its_own_cleaning(open_page, cleaned, add_run):
    project, first, second = cleaned
    relabel(project, 11, "cats", "Another one")
    third = add_run(project.id, AFTER)
    app = open_page("compare", project=project.id, after=second)
    assert (app.selectbox(key="chosen_before").value, app.selectbox(key="chosen_after").value) == (first, second)
    app = open_page("compare", project=project.id)
    assert (app.selectbox(key="chosen_before").value, app.selectbox(key="chosen_after").value) == (second, third)


def test_the_verdict_is_measured_under_todays_labels(open_page, cleaned):
    project, *_ = cleaned
    app = open_page("compare", project=project.id)
    assert "+16.7" in page_text(app)  # 9 of 12 before, 11 of 12 after
    assert "Validation accuracy rose by 16.7 points" in page_text(app)
    assert "it cannot be told apart from chance" in page_text(app)
    assert [metric.value for metric in app.metric] == ["3", "1", "0", "12"]
    assert "Of 4 pictures that only one of the two gets right, 3 are Run 2's and 1 Run 1's: " in page_text(app)
    assert "Run 2 is the better one with a probability of 81 %." in page_text(app)  # Beta(4, 2): 26 / 32 above one half
    assert "the same 12 validation pictures under today's labels (version 2)" in page_text(app)


def test_flipped_pictures_are_shown_with_both_predictions_and_both_probabilities(open_page, cleaned, shown_cards):
    project, first, second = cleaned
    strips = shown_cards(open_page("compare", project=project.id))
    fixed, broken = (strips[f"flips_{kind}_{first}_{second}"] for kind in ("fixed", "broken"))
    assert [[share["text"] for share in card["shares"]] for card in fixed] == [
        ["20 %", "80 %"],
        ["30 %", "70 %"],
        ["40 %", "60 %"],
    ]
    assert [label["name"] for label in fixed[0]["labels"]] == ["cats", "dogs"]
    assert broken[0]["caption"] == (
        "11.png: label dogs; Run 1 predicted dogs, Run 2 cats. Probability of dogs: 90 % before, 40 % after."
    )


def test_what_changed_in_between_is_told(open_page, cleaned):
    project, *_ = cleaned
    app = open_page("compare", project=project.id)
    assert "A dog among the cats" in page_text(app)
    assert "1 relabelled" in page_text(app)
    assert "Same settings: only the labels changed." in page_text(app)


def test_of_the_sample_the_planted_problems_found_are_told(open_page, cleaned):
    project, *_ = cleaned
    problem = {"kind": "swapped", "label": "dogs"}
    projects.set_planted(project.id, {str(project.image_ids[n]): problem for n in (FILED_WRONGLY, 4)})
    assert "Of the sample's 2 planted problems you have found **1**." in page_text(
        open_page("compare", project=project.id)
    )


def test_losses_before_and_after_are_those_worked_out_by_hand(open_page, cleaned):
    project, *_ = cleaned
    tables = [table.value for table in open_page("compare", project=project.id).dataframe]
    (losses,) = [table for table in tables if "Loss" in table]
    assert losses.set_index("Loss").loc["Largest, validation"].tolist() == ["1.61", "0.92", "−0.69"]
    assert losses.set_index("Loss").loc["Largest, training"].tolist() == ["0.11", "0.11", "+0.00"]


def test_a_new_version_makes_a_new_report(open_page, cleaned):
    project, *_ = cleaned
    assert "+16.7" in page_text(open_page("compare", project=project.id))
    relabel(project, 11, "cats")  # the picture that the second run "broke"
    app = open_page("compare", project=project.id)
    assert "+33.3" in page_text(app)  # 8 of 12 before, 12 of 12 after
    assert [metric.value for metric in app.metric] == ["4", "0", "0", "12"]


def test_two_runs_on_the_same_labels_differ_in_their_settings(open_page, make_project, add_run):
    project = make_project(ENTRIES)
    add_run(project.id, BEFORE, {"architecture": "resnet18", "epochs": 1})
    add_run(project.id, AFTER, {"architecture": "resnet18", "epochs": 4})
    app = open_page("compare", project=project.id)
    assert "Nothing: both runs learnt from version 1." in page_text(app)
    assert "The labels were the same; these settings differ." in page_text(app)
    assert ["Epochs", "1", "4"] in [row for table in app.dataframe for row in table.value.to_numpy().tolist()]


def test_the_same_run_twice_is_refused_in_a_sentence(open_page, cleaned):
    project, first, _ = cleaned
    app = open_page("compare", project=project.id, before=first, after=first)
    assert "Run 1 was named twice; a comparison needs two runs." in page_text(app)
    assert not app.metric


def test_the_newer_run_may_stand_first(open_page, cleaned):
    project, first, second = cleaned
    app = open_page("compare", project=project.id, before=second, after=first)
    assert "fell by 16.7 points" in page_text(app)
    assert "Run 2 is the newer of the two: these versions came after Run 1." in page_text(app)


def test_runs_without_a_common_validation_image_do_not_break_the_page(open_page, cleaned):
    project, first, _ = cleaned
    with writing() as session:
        session.execute(delete(Score).where(Score.run_id == first, Score.split == "valid"))
    app = open_page("compare", project=project.id)
    assert "There are no validation images that both runs have seen." in page_text(app)
    assert "A dog among the cats" in page_text(app)


def test_runs_that_agree_everywhere_are_told_so(open_page, make_project, add_run):
    project = make_project(ENTRIES)
    add_run(project.id, BEFORE)
    add_run(project.id, BEFORE)
    app = open_page("compare", project=project.id)
    assert "Both runs are right about exactly the same images (12 compared)." in page_text(app)
    assert "None: both runs predict the same label for every picture." in page_text(app)
    assert "Same settings, same labels." in page_text(app)


def test_hostile_labels_and_messages_arrive_as_text(open_page, make_project, add_run):
    names = ["<b>x</b><script>alert(1)</script>", "*y* $z$ " + "long " * 50]
    project = make_project([(label, split) for label in names for split in ["train"] * 2 + ["valid"] * 2])
    add_run(project.id, [(0.6, 0.4)] * 8)
    decide(project.id, "<i>Eve</i>", [Op(1, (project.image_ids[0],), "keep")], "c")
    applying.apply(project.id, "<i>Eve</i>", "<img src=x onerror=alert(1)>")
    add_run(project.id, [(0.4, 0.6)] * 8)
    app = open_page("compare", project=project.id)
    html = "".join(element.proto.body for element in app.get("html"))
    assert "&lt;img src=x" in html
    assert "&lt;i&gt;Eve" in html
    assert not any(tag in html for tag in ("<img src=x", "<i>", "<b>"))


def answer(session_id: int, image_ids: list[int], project, label: str | None, first_seq: int) -> None:
    """Has Ada give these pictures of a session that label; None = delete."""
    action, label_id = ("relabel", project.label_ids[label]) if label else ("delete", None)
    for seq, image_id in enumerate(image_ids, first_seq):
        opinions.take(Submission(session_id, "Ada", [Op(seq, (image_id,), action, label_id)], "ada-window"))


def test_the_flips_are_checked_blind_and_the_difference_stands_on_checked_labels(open_page, cleaned):
    project, first, second = cleaned
    app = open_page("compare", project=project.id)
    assert "Only the pictures on which the two runs differ, 4 of 12, can move this difference" in page_text(app)
    assert "training noise is not in it" in page_text(app)
    app.button(key="check_flips").click().run()
    assert not app.exception
    (session,) = sessions.of_project(project.id)
    assert (session.name, session.checks, session.n_queued) == ("Blind check of Run 1 and Run 2", (first, second), 4)

    # Filed as cats, cats, dogs, dogs; the runs say dogs, dogs, cats, dogs, then cats, cats, dogs, cats.
    flips = [project.image_ids[n] for n in (3, 4, 10, 11)]
    app = open_page("compare", project=project.id)
    assert "0 of 4 flips are checked. Whatever the other 4 turn out to be" in page_text(app)
    assert "between −33.3 and +33.3 points" in page_text(app)
    assert not app.get("bidi_component")  # the flips themselves are hidden
    app.toggle(key="show_flips").set_value(True).run()
    assert app.get("bidi_component")

    answer(session.id, flips[:1], project, "dogs", 1)  # Run 1's answer
    app = open_page("compare", project=project.id)
    assert "1 of 4 flips is checked: Run 2 is right about 0, Run 1 about 1, neither about 0." in page_text(app)
    assert "between −33.3 and +16.7 points. Which run is ahead is still open." in page_text(app)

    answer(session.id, flips[1:2], project, None, 2)  # neither's
    answer(session.id, flips[2:], project, "dogs", 3)  # one for each
    app = open_page("compare", project=project.id)
    text = page_text(app)
    # 1 for Run 2 and 2 for Run 1: (1 - 2) / 12, where today's labels gave +16.7 points.
    assert "Validation accuracy fell by 8.3 points" in text
    assert "Of 4 flips Run 2 is right about 1, Run 1 about 2, neither about 1:" in text
    assert "Run 2 is the better one with a probability of 31 %." in text  # Beta(2, 3): 5 / 16 above one half
    assert "4 of 4 flips checked by Ada, among 12 validation pictures" in text
    assert not [button for button in app.button if button.key == "check_flips"]
    assert app.get("bidi_component")  # the flips are there again


def test_without_a_flip_no_check_is_offered(open_page, make_project, add_run):
    project = make_project(ENTRIES)
    add_run(project.id, BEFORE)
    add_run(project.id, BEFORE)
    assert "On checked labels" not in page_text(open_page("compare", project=project.id))


def test_a_finished_check_may_be_read_the_other_way_round(open_page, cleaned):
    project, first, second = cleaned
    report = run_comparison.compare_runs(runs.find_run(first), runs.find_run(second))
    session_id = flip_check.start(report, "Ada")
    answer(session_id, report.comparison.flips["image"].tolist(), project, "dogs", 1)
    app = open_page("compare", project=project.id, before=second, after=first)
    assert "Of 4 flips Run 1 is right about 3, Run 2 about 1, neither about 0:" in page_text(app)


@pytest.mark.parametrize(
    ("n_fixed", "n_broken", "sentence"),
    [
        (3, 0, "Run 2 is ahead on these pictures already."),
        (0, 3, "Run 1 is ahead on these pictures already."),
        (2, 0, "Run 1 cannot come out ahead any more."),
        (0, 2, "Run 2 cannot come out ahead any more."),
        (1, 0, "Which run is ahead is still open."),
    ],
)
def test_an_unfinished_check_says_what_two_open_flips_can_still_change(n_fixed, n_broken, sentence):
    flips = CheckedFlips(n=20, n_flips=n_fixed + n_broken + 2, n_fixed=n_fixed, n_broken=n_broken, n_neither=0)
    assert progress_in_words(flips, "Run 1", "Run 2").endswith(sentence)


def test_without_repeats_the_interval_leaves_training_noise_out_and_a_button_queues_them(open_page, cleaned):
    project, first, second = cleaned
    app = open_page("compare", project=project.id)
    assert "training noise is not in it" in page_text(app)
    app.button(key="repeat").click().run()
    assert not app.exception
    queued = [job for job in rows.list_jobs(project.id) if job.args.get("as_run")]
    assert sorted({job.args["as_run"] for job in queued}) == [first, second]
    assert len({job.args["config"]["seed"] for job in queued}) == len(queued) == 6
    assert "6 jobs with other seeds to go" in page_text(app)


def test_with_repeats_the_verdict_is_about_the_mean_of_the_trainings(open_page, cleaned, add_run):
    project, first, second = cleaned
    settings = runs.find_run(second).config
    again = add_run(project.id, BEFORE, settings | {"seed": 7})  # the same settings and labels, another seed
    old = runs.find_run(first)
    repeat = add_run(project.id, BEFORE, settings | {"seed": 8})
    with writing() as session:  # the older run's repeat learnt from its version
        session.execute(update(Run).where(Run.id == repeat).values(version_id=old.version_id))
        session.execute(update(Run).where(Run.id.in_((again, repeat))).values(experiment_id=1))
    app = open_page("compare", project=project.id, before=first, after=second)
    # The newer version: 11 and 9 of 12 right, the older one 9 and 9: 1 of 12 more in the mean.
    assert "+8.3" in page_text(app)
    assert "Over 2 trainings of each, validation accuracy rose by 8.3 points" in page_text(app)
    assert "it cannot be told apart from chance and training noise." in page_text(app)
    assert "Run 1 reaches 75.0 % in 2 trainings, Run 2 reaches 75.0 to 91.7 % in 2 trainings." in page_text(app)
    assert "differ in 2 of 12 pictures (17 %)" in page_text(app)  # none of the older two's, four of the newer two's
    assert "which pictures were drawn and about training noise" in page_text(app)
    # By the labels as trained the newer version has 10 and 8 of 12 right, the older one 8 and 8.
    trained = page_text(open_page("compare", project=project.id, before=first, after=second, labels="trained"))
    assert "Run 1 reaches 66.7 % in 2 trainings, Run 2 reaches 66.7 to 83.3 % in 2 trainings." in trained


def test_of_many_labels_the_table_says_which_changed_beyond_chance(open_page, cleaned):
    project, *_ = cleaned
    tables = [table.value for table in open_page("compare", project=project.id).dataframe]
    (labels,) = [table for table in tables if "Recall" in table]
    assert labels["Beyond chance"].tolist() == ["–", "–"]  # five and seven pictures


def test_the_ledger_is_made_by_a_job_and_its_sentence_and_figures_are_shown(open_page, cleaned):
    project, first, second = cleaned
    app = open_page("compare", project=project.id)
    app.button(key="ledger").click().run()
    (job,) = [job for job in rows.list_jobs(project.id) if job.kind == "ledger"]
    assert job.args == {"before": first, "after": second}
    assert "ledger" not in [button.key for button in app.button]
    before, after = runs.find_run(first), runs.find_run(second)
    points = [Point(0, 0.0, 0.6, (0.6, 0.6, 0.6)), Point(1, 2.0, 0.9, (0.5, 0.55, 0.6))]
    parts = [Part("action", "Relabels", 1, Interval(0.3, 0.1, 0.5))]
    made = Ledger(versions.head_id(project.id), "pixels at 32 px", 4, 12, 1, Interval(0.3, 0.1, 0.5), points, parts)
    ledger.write(before, after, made)
    app = open_page("compare", project=project.id)
    assert (
        "The first 1 of 1 decision brought 80 % of +30.0 points (+10.0 to +50.0), in 2 minutes; all of them took "
        "2 minutes. As many random relabels −5.0."
    ) in page_text(app)
    assert "This is the model on frozen features (pixels at 32 px)" in page_text(app)
    assert ledger.read(before, after) == made


def test_what_came_from_what_is_told_and_with_three_runs_a_line_over_all(open_page, cleaned, add_run):
    project, *_ = cleaned
    app = open_page("compare", project=project.id)
    assert (
        "From Run 1's 66.7 % in its time to Run 2's 91.7 % today: 0.0 points because pictures left validation, +8.3 "
        "because 1 validation label changed, +16.7 by the model."
    ) in page_text(app)
    (table,) = [one.value for one in app.dataframe if "Labels today" in one.value]
    assert table["Labels as trained"].tolist() == ["66.7 %", "91.7 %"]
    assert table["Labels today"].tolist() == ["75.0 %", "91.7 %"]
    assert "All runs so far" not in page_text(app)
    add_run(project.id, AFTER)
    text = page_text(open_page("compare", project=project.id))
    assert "All runs so far" in text
    assert "The validation pictures have been looked at by 3 trainings." in text


def test_the_switch_holds_both_runs_against_the_labels_as_trained_or_confirmed_ones(open_page, cleaned):
    project, first, _ = cleaned
    trained = open_page("compare", project=project.id, labels="trained")
    # Under the labels of the first run it has 8 of 12 right and the second 10: image 2 counts as a cat.
    assert [metric.value for metric in trained.metric][:4] == ["3", "1", "0", "12"]
    assert "the same 12 validation pictures under labels as trained (version 1)" in page_text(trained)
    # What came from what and the ledger do not follow the switch, and say so.
    assert "By the labels of then and of today, whatever *Labels* above says." in page_text(trained)
    assert "By today's labels, whatever *Labels* above says." in page_text(trained)
    assert "whatever *Labels* above says" not in page_text(open_page("compare", project=project.id))
    confirmed = open_page("compare", project=project.id, labels="confirmed")
    assert [metric.value for metric in confirmed.metric][:4] == ["0", "0", "0", "1"]
    assert "the same 1 validation picture under confirmed labels (version 2)" in page_text(confirmed)


def test_reports_under_other_labels_count_other_pictures(cleaned):
    _, first, second = cleaned
    before, after = runs.find_run(first), runs.find_run(second)
    accuracies = {
        source: [
            side.accuracy.value
            for comparison in [run_comparison.compare_runs(before, after, source=source).comparison]
            for side in (comparison.before, comparison.after)
        ]
        for source in ("trained", "today", "confirmed")
    }
    assert accuracies["trained"] == pytest.approx([8 / 12, 10 / 12])
    assert accuracies["today"] == pytest.approx([9 / 12, 11 / 12])
    assert accuracies["confirmed"] == pytest.approx([1, 1])
