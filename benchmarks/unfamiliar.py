"""How well foreign pictures are told from new pictures of the usual kind.

    python -m benchmarks.unfamiliar [--quick]

Needs ../shared/data: 2,527 photos of rubbish in six labels, of which every fifth is kept back as *new*, and 300 foreign
pictures (CIFAR-10). A project of the others, its own split; runs as people make them: quick looks with three networks
and, without --quick, a fine-tuned squeezenet1_1. Each picture is answered by the model process.

auroc: the share of pairs of a foreign and a new picture in which the foreign one is less similar. false_alarms:
the share of new pictures called unfamiliar, to be 0.05. caught: the share of foreign ones. In the JSON object the worst
of the runs, and `runs` with each.
"""

import argparse
import json
import os
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
NETWORKS = ("mobilenet_v2", "tf_efficientnet_lite0", "squeezenet1_1")
N_FOREIGN = 300

File = tuple[str, Path | bytes]


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one quick look only")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ.update(CURATE_HOME=place, CURATE_WEIGHTS=str(DATA / "weights"), CURATE_STANDBY_MINUTES="0")
        runs = _measure(chosen.quick)
    worst = max(runs.values(), key=lambda run: abs(run["false_alarms"] - 0.05))
    print(
        json.dumps(
            {
                "auroc": min(run["auroc"] for run in runs.values()),
                "false_alarms": worst["false_alarms"],
                "caught": min(run["caught"] for run in runs.values()),
                "runs": runs,
            }
        )
    )


def _measure(is_quick: bool) -> dict[str, dict[str, float]]:
    from curate.catalog import projects
    from curate.gather.importing import import_tree
    from curate.training.settings.config import TrainConfig

    photos = [(f"{path.parent.name}/{path.name}", path) for path in sorted((DATA / "photos/trashnet").glob("*/*.jpg"))]
    new, known = photos[::5], [photo for number, photo in enumerate(photos) if number % 5]
    project_id = projects.create_project("Rubbish")
    import_tree(project_id, "Rubbish", "folder", known, "benchmark", lambda done, total, message: None)
    configs = {
        f"quick look, {name}": TrainConfig(method="quick_look", architecture=name, size_px=160, resize="squish")
        for name in NETWORKS[: 1 if is_quick else None]
    }
    if not is_quick:
        configs["fine-tuned squeezenet1_1"] = TrainConfig(architecture="squeezenet1_1", size_px=128, epochs=1)
    results = {}
    for name, config in configs.items():
        results[name] = _tell_apart(_run(project_id, config), [(n, path) for n, path in new], _foreign())
        print(name, results[name], flush=True)
    return results


def _run(project_id: int, config: object) -> int:
    """Id of a finished run with its known pictures kept, as jobs make them."""
    from curate.catalog import jobs as rows
    from curate.catalog import runs
    from curate.jobs.runtime.job_process import run_job
    from curate.jobs.submit import graph, training

    job_id = training.submit(project_id, config, "benchmark")  # type: ignore[arg-type]
    run_job(job_id)
    row = rows.find_job(job_id)
    if row.status != "done":
        raise SystemExit(row.message)
    run = runs.find_run((row.result or {})["run_id"])
    prepared = graph.ensure(run, "benchmark")
    if prepared is not None:
        run_job(prepared)
    return run.id


def _tell_apart(run_id: int, new: list[File], foreign: list[File]) -> dict[str, float]:
    from curate import store
    from curate.prediction import client

    familiar, strange = (
        [answer.familiarity for answer in client.predict(store.run_folder(run_id), files)] for files in (new, foreign)
    )
    usual, other = (np.array([each.similarity for each in part if each]) for part in (familiar, strange))
    less = (other[:, None] < usual).mean() + 0.5 * (other[:, None] == usual).mean()
    return {
        "auroc": round(float(less), 4),
        "false_alarms": round(float(np.mean([bool(each and each.is_unfamiliar) for each in familiar])), 4),
        "caught": round(float(np.mean([bool(each and each.is_unfamiliar) for each in strange])), 4),
    }


def _foreign() -> list[File]:
    """PNGs of CIFAR-10's pictures, drawn once and for all."""
    with np.load(DATA / "cifar10n" / "train10k.npz") as arrays:
        pictures = next(arrays[name] for name in arrays if arrays[name].ndim == 4)
    drawn = np.random.default_rng(0).choice(len(pictures), N_FOREIGN, replace=False)
    return [(f"{number}.png", _png(pictures[number])) for number in drawn.tolist()]


def _png(pixels: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    main()
