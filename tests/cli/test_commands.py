"""The command line, as a script would use it."""

import csv
import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate import jobs
from curate.catalog import projects, runs
from curate.cli import main
from curate.cli.terminal import in_a_line
from curate.embeddings.quick_look import PIXELS_LOOK
from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op
from curate.review.reports.run_comparison import compare_runs
from curate.review.team import flip_check, opinions
from curate.review.team.submission import Submission
from tests.factories import add_run, train_here

TRAIN = ["--arch", "small_cnn", "--scratch", "--size", "16", "--epochs", "1", "--lr", "0.01", "--batch-size", "4"]


@pytest.fixture
def curate(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """`curate("top", "pets")`: what the command prints; it must succeed."""

    def run(*args: str) -> str:
        assert main(list(args)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """`refused("top", "pets")`: the one line on stderr of a command that must fail with exit code 1."""

    def run(*args: str) -> str:
        assert main(list(args)) == 1
        printed = capsys.readouterr()
        assert printed.out == "" and printed.err.count("\n") == 1
        return printed.err.strip()

    return run


def test_a_comparison_can_repeat_both_runs_with_other_seeds(
    curate: Callable[..., str], refused: Callable[..., str], small_project: Any
) -> None:
    name = projects.find_project(small_project.id).name
    for _ in range(2):
        train_here(small_project.id, PIXELS_LOOK)
    assert "Training noise is not in the interval; --seeds measures it." in curate("compare", name, "1", "2")
    assert json.loads(curate("compare", name, "1", "2", "--json"))["training_noise"] is None
    assert "Seeds alone flip" in curate("compare", name, "1", "2", "--seeds")
    noise = json.loads(curate("compare", name, "1", "2", "--json"))["training_noise"]
    assert len(noise["before"]["accuracies"]) == len(noise["after"]["accuracies"]) == 3
    assert noise["verdict"] == f"{noise['n']} validation images are too few to tell the two versions apart."


def test_a_comparison_tells_of_flips_checked_blind(curate: Callable[..., str], small_project: Any) -> None:
    before, after = (add_run(small_project.id, [p] * 8) for p in ((0.9, 0.1), (0.1, 0.9)))
    name = projects.find_project(small_project.id).name
    assert json.loads(curate("compare", name, "1", "2", "--json"))["checked_flips"] is None
    report = compare_runs(runs.find_run(before), runs.find_run(after))
    session_id = flip_check.start(report, "Ada")
    flips = report.comparison.flips["image"].tolist()
    assert "checked blind" not in curate("compare", name, "1", "2")
    for seq, image_id in enumerate(flips, 1):
        opinions.take(Submission(session_id, "Ada", [Op(seq, (image_id,), "delete")], "window"))
    assert f"On the labels of {len(flips)} flips checked blind: Both runs are right about exactly the same" in curate(
        "compare", name, "1", "2"
    )
    assert json.loads(curate("compare", name, "1", "2", "--json"))["checked_flips"]["n_neither"] == len(flips)


def test_the_whole_loop_from_the_command_line(
    curate: Callable[..., str], pictures: Callable[..., list[Path]], tmp_path: Path
) -> None:
    pictures(tmp_path / "in", {"cats": 6, "dogs": 6})
    assert "pets: 12 of 12 files added" in curate("import", "pets", str(tmp_path / "in"), "--valid-pct", "34")
    assert "pets: 0 of 12 files added, 12 known" in curate("import", "pets", str(tmp_path / "in"))
    assert curate("projects").splitlines()[1].split()[1:] == ["pets", "2", "8", "4", "0", "1"]

    assert curate("train", "pets", *TRAIN).startswith("Run 1: validation accuracy")
    worst = json.loads(curate("top", "pets", "--json", "--limit", "3"))
    assert [list(row) for row in worst] == [["image", "file", "label", "predicted", "split", "loss", "p_actual"]] * 3
    assert worst[0]["loss"] >= worst[1]["loss"] >= worst[2]["loss"]

    other = {"cats": "dogs", "dogs": "cats"}[worst[0]["label"]]
    curate("decide", "pets", str(worst[0]["image"]), "relabel", other)
    curate("decide", "pets", str(worst[1]["image"]), "delete")
    assert curate("apply", "pets", "--message", "Two fixed", "--author", "Ada") == "Version 2: Two fixed\n"
    as_trained = json.loads(curate("top", "pets", "--json", "--label", worst[0]["label"], "--limit", "1"))
    assert (as_trained[0]["image"], as_trained[0]["label"]) == (worst[0]["image"], other)

    (tmp_path / "note.txt").write_text("no picture")
    files = [str(tmp_path / "in" / "cats" / "0.png"), str(tmp_path / "note.txt"), str(tmp_path / "gone.png")]
    good, bad, gone = json.loads(curate("predict", "pets", *files, "--json"))
    assert gone["error"] == f"{files[2]} cannot be read: No such file or directory." and gone["predicted"] is None
    assert good["file"] == files[0] and set(good["probabilities"]) == {"cats", "dogs"}
    assert good["probabilities"][good["predicted"]] == max(good["probabilities"].values())
    assert (bad["file"], bad["predicted"]) == (files[1], None) and bad["error"]

    stopper = threading.Thread(target=keep_after_the_first_epoch)
    stopper.start()
    curate("train", "pets", *TRAIN, "--epochs", "1000")
    stopper.join()
    again = runs.numbered_run(projects.find_project("pets").id, 2)
    assert (again.stopped_early, again.n_train + again.n_valid, again.version_number) == (True, 11, 2)
    assert [line.split()[:3] for line in curate("runs", "pets").splitlines()[1:]] == [
        ["2", "done", "2"],
        ["1", "done", "1"],
    ]

    compared = json.loads(curate("compare", "pets", "1", "2", "--json"))
    assert (compared["before"]["run"], compared["after"]["run"]) == (1, 2)
    assert compared["n"] == again.n_valid == sum(label["support"] for label in compared["labels"])
    assert "compared" in curate("compare", "pets", "1", "2")

    assert curate("restore", "pets", "1").startswith("Version 3: Restored version 1")
    curate("export", "pets", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").glob("*/*/*.png"))) == 12


def keep_after_the_first_epoch() -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for row in jobs.list_jobs(statuses=("running",)):
            if row.progress.get("epoch", 0) > 1:
                return jobs.cancel(row.id, "keep")
        time.sleep(0.1)
    return None


def test_a_quick_look_and_the_refit_that_follows_an_apply(curate: Callable[..., str], make_project: Any) -> None:
    project = make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 3])
    assert "Run 1: validation accuracy" in curate("quick", "pets", "--size", "24", "--author", "Ada")
    assert runs.list_runs(project.id)[0].config["size_px"] == 24
    curate("decide", "pets", "0.png", "keep")
    assert "Run 2: validation accuracy" in curate("apply", "pets")
    assert [job.kind for job in jobs.list_jobs(project.id)] == ["refit", "quick"]


def test_an_export_files_every_picture_under_a_safe_name_and_tells_the_true_one(
    curate: Callable[..., str], refused: Callable[..., str], make_project: Callable[..., Any], tmp_path: Path
) -> None:
    labels = ["../../etc", "a/b", "A_b", "<img src=x>", "=1+1", "x" * 300, "\N{CAT FACE}"]
    made = make_project([(label, "train") for label in labels])
    note = "1 cell of the table would be a formula to a spreadsheet"
    assert f"{note}: to open it in one, export with --spreadsheet." in curate("export", "pets", str(tmp_path / "out"))
    with (tmp_path / "out" / "labels.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["label"] for row in table] == labels
    assert [row["sha256"] for row in table] == made.shas
    for row in table:
        path = tmp_path / "out" / row["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert path.resolve().parents[2] == (tmp_path / "out").resolve()
    assert len({row["path"].casefold() for row in table}) == 7
    sheet = tmp_path / "sheet"
    assert f"{note} and got an apostrophe." in curate("export", "pets", str(sheet), "--spreadsheet")
    with (sheet / "labels.csv").open(newline="", encoding="utf-8") as file:
        assert [row["label"] for row in csv.DictReader(file)] == [*labels[:4], "'=1+1", *labels[5:]]
    assert "(0 new, 0 moved, 0 removed)" in curate("export", "pets", str(tmp_path / "out"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    assert "is not an empty folder" in refused("export", "pets", str(tmp_path / "full"))


def test_any_version_is_exported_in_any_format_and_a_folder_follows_it(
    curate: Callable[..., str], refused: Callable[..., str], small_project: Any, tmp_path: Path
) -> None:
    curate("decide", "pets", "0.png", "delete", "--author", "Ada")
    apply(small_project.id, "Ada")
    assert "7 images written to" in curate("export", "pets", str(tmp_path / "out"))
    said = curate("export", "pets", str(tmp_path / "out"), "--version", "1")
    assert "8 images written to" in said and "(1 new, 0 moved, 0 removed)" in said
    assert f"8 images written to {tmp_path / 'old.zip'}." in curate(
        "export", "pets", str(tmp_path / "old.zip"), "--format", "zip", "--version", "1"
    )
    assert "pets-v2.csv" in curate("export", "pets", str(tmp_path), "--format", "csv")
    assert "is there already" in refused("export", "pets", str(tmp_path / "old.zip"), "--format", "zip")
    assert "no format 'docx'" in refused("export", "pets", str(tmp_path / "x"), "--format", "docx")
    assert "no version 9" in refused("export", "pets", str(tmp_path / "x"), "--version", "9")
    assert "No run has finished" in refused("export", "pets", str(tmp_path / "x"), "--format", "cleanlab")


def test_errors_are_one_line_and_exit_code_1(refused: Callable[..., str], small_project: Any, tmp_path: Path) -> None:
    assert refused("runs", "nope") == "curate: There is no project nope. List them with `curate projects`."
    assert refused("top", "pets") == "curate: The project has no finished run. Train one first."
    assert "no image zebra.png" in refused("decide", "pets", "zebra.png", "keep")
    assert "There is no label bird" in refused("decide", "pets", "1", "relabel", "bird")
    assert "A relabel names the new label" in refused("decide", "pets", "1", "relabel")
    assert "No decision waits" in refused("apply", "pets")
    assert "no version 9" in refused("restore", "pets", "9")
    assert "There is no folder" in refused("import", "pets", str(tmp_path / "nowhere"))
    assert "no architecture `nope`" in refused("train", "pets", "--arch", "nope")
    assert refused("job", "77") == "curate: There is no job 77."


def test_a_command_that_makes_no_sense_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["dance"], ["decide", "pets", "1", "eat"], ["top"]):
        with pytest.raises(SystemExit) as stopped:
            main(args)
        assert stopped.value.code == 2
    assert "Usage" in capsys.readouterr().err


def test_a_project_named_by_digits_is_made_though_another_has_that_number(
    curate: Callable[..., str], pictures: Callable[..., list[Path]], tmp_path: Path
) -> None:
    other = projects.create_project("pets")
    pictures(tmp_path / "in", {"cats": 2, "dogs": 2})
    curate("import", str(other), str(tmp_path / "in"))
    assert projects.find_project(str(other)).n_labels == 2
    assert projects.find_project("pets").n_labels == 0


def test_a_project_is_found_by_its_number_too_and_names_cannot_command_the_terminal(
    curate: Callable[..., str],
) -> None:
    projects.create_project("9")
    second = projects.create_project("pets \u202e\U0001f600")
    assert "\u202e" not in curate("projects")
    assert curate("runs", str(second)).startswith("run")
    assert curate("status").splitlines()[1] == "Jobs: none"


def test_a_progress_line_has_a_bar_only_when_the_end_is_known() -> None:
    assert in_a_line({"done": 3, "total": None, "message": "Looking\x1b[2J"}) == "Looking\N{REPLACEMENT CHARACTER}[2J"
    assert in_a_line({"done": 1, "total": 4, "message": "Go"}) == "Go ######..................  25 %"


def test_an_import_shows_what_was_understood_and_changes_labels_as_told(
    curate: Callable[..., str], refused: Callable[..., str], tmp_path: Path, pictures: Callable[..., Any]
) -> None:
    pictures(tmp_path / "set" / "train", {"cat": 2, "kitty": 1, "junk": 1})
    pictures(tmp_path / "set" / "test", {"cat": 1}, seed=5)
    out = curate("import", "p", str(tmp_path / "set"), "--rename", "kitty=cat", "--skip", "junk")
    assert "Folders of the split / one folder for each label: 4 pictures in 1 label, 1 held out." in out
    assert "stays outside: 1 (train/junk/0.png): You left its label out." in out
    assert "p: 4 of 5 files added" in out
    assert [label.name for label in projects.labels(projects.find_by_key("p").id)] == ["cat"]
    assert "There is no label dog" in refused("import", "q", str(tmp_path / "set"), "--skip", "dog")
    pictures(tmp_path, {"flat": 2})
    assert "no folders of labels" in refused("import", "q", str(tmp_path / "flat"))
    assert "The layout 'x' is not understood." in refused("import", "q", str(tmp_path / "set"), "--layout", "x")
    assert [project.name for project in projects.list_projects()] == ["p"]


def test_predictions_of_another_model_become_a_run(
    curate: Callable[..., str], refused: Callable[..., str], make_project: Callable[..., Any], tmp_path: Path
) -> None:
    make_project([(label, split) for label in ("cats", "dogs") for split in ("train", "train", "valid") * 2])
    path = tmp_path / "theirs.csv"
    path.write_text("file,cats,dogs\n" + "".join(f"{n}.png,0.9,0.1\n" for n in range(12)) + "x.png,1,0\n")
    printed = curate("import-predictions", "pets", str(path), "--held-out", "valid")
    assert "Predictions for 12 images, 1 fit no image." in printed
    assert "Run 1: validation accuracy 50 % on 4 images." in printed
    assert "Run 1 holds the predictions of a model" in refused("predict", "pets", str(path), "--run", "1")
