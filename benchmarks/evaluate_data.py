"""What `benchmarks.evaluate` measures: probabilities in a file, every figure of the page, a project to click in."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import grid_data
from curate.catalog.runs import RunRow

SHARED = Path(__file__).parents[2] / "shared" / "data"
PHOTOS, WEIGHTS = SHARED / "photos" / "trashnet", SHARED / "weights"
BLOCK_ROWS = 50_000
N_SIGNS = 9


@dataclass(frozen=True)
class Cell:
    """A cell of the drawn matrix, and the heading of its pictures."""

    row: int
    column: int
    heading: str


def write_probabilities(folder: Path, n_labels: int, n: int) -> None:
    """Write probabilities.npy, actual.npy, and signs.npy (bool) of n pictures, of which a fifth are errors."""
    rng = np.random.default_rng(0)
    actual = rng.integers(0, n_labels, n)
    table = np.lib.format.open_memmap(folder / "probabilities.npy", "w+", np.float32, (n, n_labels))
    for start in range(0, n, BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        scores = rng.normal(size=(len(actual[part]), n_labels)).astype(np.float32)
        scores[np.arange(len(scores)), actual[part]] += 3.5
        raised = np.exp(scores)
        table[part] = raised / raised.sum(axis=1, keepdims=True)
    table.flush()
    np.save(folder / "actual.npy", actual)
    np.save(folder / "signs.npy", rng.random((N_SIGNS, n)) < 0.05)


def import_figures() -> None:
    """Import what the figures need, so that it counts neither as time nor as memory of theirs."""
    import scipy.cluster.hierarchy  # noqa: F401

    import curate.evaluation.causes
    import curate.evaluation.label_figures
    import curate.evaluation.levels
    import curate.evaluation.per_picture
    import curate.evaluation.score_histogram
    import curate.review.reports.reliability  # noqa: F401


def compute_page(probabilities: np.ndarray, actual: np.ndarray, signs: np.ndarray) -> list[object]:
    """Computes and returns every figure of Evaluate: matrix, labels, causes, scores, reliability, a label's curve."""
    from curate.evaluation import accuracy_interval, causes, confusion, macro, most_confused, per_label
    from curate.evaluation.label_figures import average_precision, balanced_accuracy, label_figures, precision_recall
    from curate.evaluation.label_order import ORDERS
    from curate.evaluation.levels import arrange
    from curate.evaluation.per_picture import per_picture
    from curate.evaluation.score_histogram import confidence_histogram, loss_histogram
    from curate.review.reports.reliability import binned

    n, n_labels = probabilities.shape
    names, ids = [f"label {i}" for i in range(n_labels)], list(range(n_labels))
    each = per_picture(probabilities, np.arange(n), actual)
    is_wrong = each.predicted != actual
    counts = confusion(actual, each.predicted, n_labels)
    by_name = {f"sign {i}": sign for i, sign in enumerate(signs)}
    by_name["torn"] = causes.is_torn(each.p_first, each.p_second)
    first = np.asarray(probabilities[:, 0])
    return [
        accuracy_interval(int(n - is_wrong.sum()), n), macro(per_label(counts, names)),
        most_confused(counts, names), label_figures(counts, names), balanced_accuracy(counts),
        *(arrange(counts, names, ids, order, 30).fold(counts) for order in ORDERS),
        causes.assign(is_wrong, by_name), causes.summarise(is_wrong, by_name),
        loss_histogram(each.loss, is_wrong), confidence_histogram(each.p_first, is_wrong),
        float(each.loss.mean(dtype=np.float64)), *((each.rank < k).mean() for k in (1, 3, 5)),
        binned(each.p_first, ~is_wrong), precision_recall(actual == 0, first), average_precision(actual == 0, first),
    ]  # fmt: skip


def make_project(n_labels: int, n_of_each: int) -> tuple[int, int, list[Cell]]:
    """(project id, run id, cells with errors) of a project with as many held-out pictures as others."""
    from curate import store
    from curate.catalog import images, projects, runs
    from curate.review.listing import score_columns

    names = [f"label {i:03}" for i in range(n_labels)]
    project_id = projects.create_project("A hundred labels")
    shas = [hashlib.sha256(f"evaluate {i}".encode()).hexdigest() for i in range(n_labels * n_of_each)]
    images.add_blobs([images.NewBlob(sha, 60_000, 640, 480, "JPEG", bytes.fromhex(sha)) for sha in shas])
    new = [
        images.NewImage(sha, names[i % n_labels], f"IMG_{i:05}.jpg", "valid" if i // n_labels % 2 else "train")
        for i, sha in enumerate(shas)
    ]
    images.add_images(project_id, new, "Benchmark", "Made up", names)
    chosen = runs.training_set(project_id)
    n, rng = len(chosen.labels), np.random.default_rng(0)
    scores = rng.normal(size=(n, n_labels)).astype(np.float32)
    scores[np.arange(n), chosen.labels] += 3
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    run_id = runs.create_run(project_id, {"architecture": "resnet18"}, chosen, None)
    np.save(store.run_folder(run_id) / "probabilities.npy", probabilities)
    losses = -np.log(probabilities[np.arange(n), chosen.labels])
    runs.finish_run(run_id, chosen, losses, probabilities, {"device": "none", "seconds": 1.0})
    score_columns.build(run_id)
    grid_data.paint(shas)
    return project_id, run_id, _cells(chosen.labels, probabilities.argmax(axis=1), chosen.is_valid, names)


def _cells(actual: np.ndarray, predicted: np.ndarray, is_valid: np.ndarray, names: list[str]) -> list[Cell]:
    """Returns cells off the diagonal, spread over the matrix, that hold held-out pictures."""
    errors = np.flatnonzero(is_valid & (actual != predicted))
    pairs = sorted({(int(actual[i]), int(predicted[i])) for i in errors})
    cells = []
    for row, column in pairs[:: max(1, len(pairs) // 40)]:
        n = int((is_valid & (actual == row) & (predicted == column)).sum())
        heading = f"{n} picture{'' if n == 1 else 's'} labelled {names[row]}, predicted as {names[column]}"
        cells.append(Cell(row, column, heading))
    return cells


def make_cleaned_photos(n_decisions: int) -> tuple[RunRow, RunRow]:
    """Returns two quick looks at the photos, with so many training pictures relabelled between them."""
    from curate.catalog import projects, runs
    from curate.review.deciding import apply
    from curate.review.deciding.decisions import Op, decide

    run_command("import", "Photos", str(PHOTOS))
    run_command("quick", "Photos")
    (project,) = projects.list_projects()
    (before,) = runs.list_runs(project.id, only_done=True)
    chosen = runs.training_set(project.id)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(~chosen.is_valid))[:n_decisions].tolist()
    for seq, row in enumerate(rows, 1):
        other = chosen.label_ids[(int(chosen.labels[row]) + 1) % len(chosen.label_ids)]
        decide(project.id, "Benchmark", [Op(seq, (int(chosen.image_ids[row]),), "relabel", other)], "bench", before.id)
    apply.apply(project.id, "Benchmark")
    run_command("quick", "Photos")
    return before, runs.list_runs(project.id, only_done=True)[0]


def run_command(*arguments: str) -> None:
    """Run the command line in a process of its own."""
    subprocess.run([sys.executable, "-m", "curate", *arguments], check=True, capture_output=True)
