"""From "folder imported" to "first page of worst pictures": the notebook, our fine-tune and our quick look.

    python -m benchmarks.loop [--quick] [--seeds 3] [--images DIR] [--weights DIR] [--large N]

All on the same split of the same pictures, one after the other, each in a process of its own; ours as jobs through the
real dispatcher, timed from the moment somebody asks to the first page read, with cold caches. Imports are not counted
for the notebook, nor for ours, for which the process stands by that an import or the Train page asks for; `..._cold`
is the same without it, from the start of a process. All train squeezenet1_1: the notebook as it would, with one frozen
epoch and one more at 224 px; `fine_tune` with one unfrozen epoch as our standard preset has it (whole pictures, two
frozen epochs), at 128 px; `as_theirs`, for the first seed only, with the notebook's own settings. The quick look has
the settings that the Train page offers. `bare_s` is what the notebook's number of forward and backward passes takes on
one batch in memory, over and over. --large N: also N pictures of 12 megapixels, of which the second unfrozen epoch's
training part is compared.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from curate import jobs, settings, store
from curate.catalog import projects, runs
from curate.jobs.runtime import prewarmed
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor
from curate.jobs.submit import quick_look
from curate.review.listing.pages import View, find_page
from curate.training.settings.config import TrainConfig
from curate.training.settings.presets import STANDARD

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
CHECKPOINT = "squeezenet1_1-b8a52dc0.pth"  # torchvision's name for it, by which plain fastai finds it
FINE_TUNE = replace(STANDARD, architecture="squeezenet1_1", size_px=128, epochs=1)
AS_THEIRS = TrainConfig(architecture="squeezenet1_1", epochs=1, frozen_epochs=1)
NAMES = ("notebook", "fine_tune", "fine_tune_cold", "quick_look", "quick_look_cold", "as_theirs")


def main() -> None:
    """Measure, print a table, and end with one JSON object."""
    args = _asked()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _set_up(work, args.weights)
        project_id = _imported(args.images, "Photos", work)
        tree = _tree(project_id, work / "tree")
        dispatcher = _started()
        try:
            rounds = [_round(dispatcher, project_id, tree, seed) for seed in range(args.seeds)]
            chosen = runs.training_set(project_id)
            large = _large(dispatcher, args.images, args.large, work) if args.large else {}
        finally:
            dispatcher.stop()
    figures = _summary(rounds) | {"bare_s": _bare(int((~chosen.is_valid).sum()), int(chosen.is_valid.sum()))} | large
    _table(figures)
    print(json.dumps(figures))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one seed, no large pictures")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--images", type=Path, default=SHARED / "photos" / "trashnet")
    parser.add_argument("--weights", type=Path, default=SHARED / "weights")
    parser.add_argument("--large", type=int, default=240)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.large = 1, 0
    return args


def _set_up(work: Path, weights: Path) -> None:
    """A home of its own, and the weights where each side looks for them."""
    checkpoints = work / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    shutil.copy(weights / "squeezenet1_1.pth", checkpoints / CHECKPOINT)
    for name in settings.NAMES:
        os.environ.pop(name, None)
    os.environ |= {"CURATE_HOME": str(work / "home"), "CURATE_WEIGHTS": str(weights), "TORCH_HOME": str(work / "torch")}


def _imported(images: Path, name: str, work: Path) -> int:
    command = [sys.executable, "-m", "curate", "import", name, str(images), "--valid-pct", "20"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"COLUMNS": "80"})
    return next(project.id for project in projects.list_projects() if project.name == name)


def _tree(project_id: int, folder: Path) -> Path:
    """The project's pictures as the notebook reads them: train/ and valid/ with a folder for each label."""
    chosen = runs.training_set(project_id)
    rows = zip(chosen.image_ids.tolist(), chosen.shas, chosen.labels.tolist(), chosen.is_valid.tolist(), strict=True)
    for image_id, sha, label, is_valid in rows:
        place = folder / ("valid" if is_valid else "train") / chosen.label_names[label]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{image_id}.jpg").symlink_to(store.blob_path(sha))
    return folder


def _started() -> DispatcherSupervisor:
    dispatcher = DispatcherSupervisor()
    dispatcher.start()
    while not dispatcher.is_up:
        time.sleep(0.1)
    return dispatcher


def _round(dispatcher: DispatcherSupervisor, project_id: int, tree: Path, seed: int) -> dict[str, dict[str, Any]]:
    _stand_down(dispatcher)
    figures = {"notebook": _notebook(tree, seed)}
    ours = {"quick_look": quick_look.default(project_id), "fine_tune": FINE_TUNE}
    for name, config in ours.items():
        _stand_by(dispatcher)
        figures[name] = _ours(project_id, config, seed)
        _stand_down(dispatcher)
        figures[f"{name}_cold"] = _ours(project_id, config, seed)
    if seed == 0:
        _stand_by(dispatcher)
        figures["as_theirs"] = _ours(project_id, AS_THEIRS, seed)
    for name, one in figures.items():
        print(f"seed {seed}: {name} {one['seconds']:.1f} s, accuracy {one['accuracy']:.3f}, {one['parts']}", flush=True)
    return figures


def _stand_by(dispatcher: DispatcherSupervisor) -> None:
    """Return when the process at hand has imported everything."""
    prewarmed.expect()
    used_s = -1.0
    while True:
        time.sleep(1.5)
        waiting = _at_hand(dispatcher)
        before, used_s = used_s, sum(waiting[0].cpu_times()[:2]) if waiting else -1.0
        if waiting and used_s - before < 0.05:
            return


def _stand_down(dispatcher: DispatcherSupervisor) -> None:
    """Return when there is no process at hand."""
    (settings.home() / "standby").unlink(missing_ok=True)
    while _at_hand(dispatcher):
        time.sleep(0.1)


def _at_hand(dispatcher: DispatcherSupervisor) -> list[psutil.Process]:
    figures = []
    for child in psutil.Process(dispatcher.pid).children():
        with suppress(psutil.NoSuchProcess):  # it ends just now
            if "curate.jobs.runtime.prewarmed_process" in child.cmdline():
                figures.append(child)
    return figures


def _notebook(tree: Path, seed: int, epochs: int = 1) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.loop_notebook",
        str(tree),
        "--seed",
        str(seed),
        "--epochs",
        str(epochs),
    ]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _ours(project_id: int, config: TrainConfig, seed: int) -> dict[str, Any]:
    """A job from asking to the first page, with nothing left in any cache by an earlier one."""
    shutil.rmtree(settings.home() / "cache", ignore_errors=True)
    kind = "quick" if config.method == "quick_look" else "train"
    began = time.monotonic()
    job_id = jobs.enqueue(kind, project_id, {"config": replace(config, seed=seed).to_json()})
    while (row := jobs.find_job(job_id)).is_open:
        time.sleep(0.05)
    if row.status != "done":
        raise SystemExit(f"{kind} {row.status}: {row.message}\n{jobs.log_tail(job_id)}")
    run = runs.run_of_job(job_id)
    assert run is not None
    page = find_page(View(run.id, sort="doubt"))
    seconds = time.monotonic() - began
    assert len(page.items) == 48
    epochs = runs.epochs(run.id)["seconds"].tolist()
    return {"seconds": seconds, "parts": run.facts["seconds"], "epochs": epochs, "accuracy": run.accuracy}


def _bare(n_train: int, n_valid: int) -> dict[str, float]:
    """Seconds of one frozen epoch, one more, and one scoring pass on one batch in memory over and over."""
    command = [sys.executable, "-m", "benchmarks.loop_bare", str(n_train), str(n_valid)]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def _large(dispatcher: DispatcherSupervisor, images: Path, n: int, work: Path) -> dict[str, float]:
    """Training seconds of the second epoch on n pictures of 12 megapixels."""
    folder = work / "large"
    for label in sorted(path for path in images.iterdir() if path.is_dir()):
        place = folder / label.name
        place.mkdir(parents=True)
        for path in sorted(label.glob("*.jpg"))[: n // 6]:
            with Image.open(path) as picture:
                picture.convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC).save(
                    place / path.name, quality=90
                )
    project_id = _imported(folder, "Large", work)
    _stand_down(dispatcher)
    theirs = _notebook(_tree(project_id, work / "large-tree"), 0, epochs=2)["epochs"][-1]
    ours = _ours(project_id, replace(FINE_TUNE, epochs=2), 0)["epochs"][-1]
    return {"large_notebook_epoch_s": theirs, "large_fine_tune_epoch_s": ours, "large_times_faster": theirs / ours}


def _summary(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Means over the seeds, and how many times faster."""
    figures: dict[str, Any] = {}
    for name in NAMES:
        mine = [one[name] for one in rounds if name in one]
        figures[f"{name}_s"] = statistics.mean(one["seconds"] for one in mine)
        figures[f"{name}_accuracy"] = statistics.mean(one["accuracy"] for one in mine)
        keys = {key for one in mine for key in one["parts"]}
        figures[f"{name}_parts"] = {
            key: statistics.mean(one["parts"].get(key, 0) for one in mine) for key in sorted(keys)
        }
    figures["as_theirs_times_faster"] = rounds[0]["notebook"]["seconds"] / figures["as_theirs_s"]
    figures["fine_tune_times_faster"] = figures["notebook_s"] / figures["fine_tune_s"]
    figures["quick_look_times_faster"] = figures["notebook_s"] / figures["quick_look_s"]
    return figures


def _table(figures: dict[str, Any]) -> None:
    print(f"{'':16}{'seconds':>9}{'times':>7}{'accuracy':>10}  parts")
    for name in NAMES:
        seconds, parts = figures[f"{name}_s"], figures[f"{name}_parts"]
        words = ", ".join(f"{key} {value:.1f}" for key, value in parts.items())
        print(
            f"{name:16}{seconds:9.1f}{figures['notebook_s'] / seconds:7.1f}{figures[f'{name}_accuracy']:10.3f}  {words}"
        )


if __name__ == "__main__":
    main()
