"""Whether Evaluate keeps up: its figures on a million pictures, and a click on a matrix of a hundred labels.

    python -m benchmarks.evaluate [--quick] [--truth]

matrix_s: the confusion matrix of 1,000 labels x 1,000,000 pictures.  page_s: every figure of the page for 100 labels x
1,000,000 pictures whose probabilities lie in a memory-mapped file, in a process of its own; peak_over_probabilities:
its peak memory beyond what it had before, over the size of that file (mapped pages count).  click_ms: from a click on
a cell of a matrix of 100 labels, all shown, until the grid has painted its pictures, in headless Chromium; the median
of different cells.  fastai_*: the same matrix by fastai's `ClassificationInterpretation.confusion_matrix`, which makes
an array of labels x labels x pictures, at a size that fits; fastai_matrix_gb: what it would take for matrix_s.
ledger_s: of 400 decisions on the photos of ../shared, if they are there.  --truth: also the built cases of
`benchmarks.evaluate_truth`.  --quick: fewer clicks, no ledger, and fewer repetitions of the cases.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks import evaluate_data
from benchmarks.pages import GRID_ROOT, ROOT, chromium, serving

N_PICTURES = 1_000_000
FASTAI = (50, 20_000)  # labels, pictures: 0.4 GB of int64
PAINTED = """([heading]) => {
  const root = GRID_ROOT
  const frames = root ? [...root.querySelectorAll('.frame')] : []
  const ready = frames.length > 0 && frames.every(frame => frame.dataset.picture === 'ready')
  return ready && document.body.innerText.includes(heading) && performance.now() - window.clickedAt
}""".replace("GRID_ROOT", GRID_ROOT)
WATCH_CLICKS = "addEventListener('pointerdown', () => { window.clickedAt = performance.now() }, true)"


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer clicks, no ledger")
    parser.add_argument("--truth", action="store_true", help="the built cases, too: hours")
    parser.add_argument("--page-of", type=Path, help=argparse.SUPPRESS)  # the process that page_s is measured in
    args = parser.parse_args()
    if args.page_of:
        print(json.dumps(page_figures(args.page_of)))
        return
    figures: dict[str, Any] = {"matrix_s": matrix_s(1_000, N_PICTURES)}
    figures |= beside_fastai()
    with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder:
        figures |= in_own_process(Path(folder))
    with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder:
        figures |= clicks(Path(folder), 6 if args.quick else 20)
    if not args.quick and evaluate_data.PHOTOS.is_dir():
        with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder:
            figures |= ledger_s(Path(folder))
    if args.truth:
        figures |= importlib.import_module("benchmarks.evaluate_truth").measure(quick=args.quick)
    for name, value in figures.items():
        print(f"{name:28} {value:>12}")
    print(json.dumps(figures))


def matrix_s(n_labels: int, n: int) -> float:
    """Seconds for the matrix, the median of five."""
    from curate.evaluation import confusion

    rng = np.random.default_rng(0)
    actual, predicted = rng.integers(0, n_labels, n), rng.integers(0, n_labels, n)
    return round(statistics.median(timed(lambda: confusion(actual, predicted, n_labels)) for _ in range(5)), 6)


def beside_fastai() -> dict[str, float]:
    """Seconds of fastai's matrix and of ours at a size that fastai can take."""
    import torch
    from fastai.interpret import ClassificationInterpretation

    n_labels, n = FASTAI
    rng = np.random.default_rng(0)
    actual, predicted = (torch.tensor(rng.integers(0, n_labels, n)) for _ in range(2))
    learner = SimpleNamespace(get_preds=lambda **_: (None, actual, predicted))
    theirs = SimpleNamespace(vocab=range(n_labels), learn=learner, dl=None, act=None)
    seconds = statistics.median(timed(lambda: ClassificationInterpretation.confusion_matrix(theirs)) for _ in range(3))
    return {
        "fastai_small_matrix_s": round(seconds, 4),
        "our_small_matrix_s": matrix_s(n_labels, n),
        "fastai_matrix_gb": round(1_000**2 * N_PICTURES * 8 / 1e9),
    }


def in_own_process(folder: Path) -> dict[str, float]:
    """page_s and peak_over_probabilities of a process that does nothing else."""
    evaluate_data.write_probabilities(folder, 100, N_PICTURES)
    command = [sys.executable, "-m", "benchmarks.evaluate", f"--page-of={folder}"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    return figures


def page_figures(folder: Path) -> dict[str, float]:
    """Computes every figure of the page from the arrays in a folder."""
    evaluate_data.import_figures()
    probabilities = np.load(folder / "probabilities.npy", mmap_mode="r")
    actual, signs = np.load(folder / "actual.npy"), np.load(folder / "signs.npy")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak, which a child has from its parent
    before = peak_bytes()
    seconds = timed(lambda: evaluate_data.compute_page(probabilities, actual, signs))
    peak = (peak_bytes() - before) / probabilities.nbytes
    return {"page_s": round(seconds, 2), "peak_over_probabilities": round(peak, 2)}


def peak_bytes() -> int:
    """The largest resident size of this process since its peak was forgotten."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def clicks(home: Path, n: int) -> dict[str, float]:
    """click_ms with all 100 labels in the matrix, and with the 30 most confused."""
    os.environ["CURATE_HOME"] = str(home)
    project_id, run_id, cells = evaluate_data.make_project(100, 40)
    with serving(ROOT / "Home.py", home) as (url, _), chromium() as browser:
        address = f"{url}/evaluate?project={project_id}&run={run_id}"
        return {
            "click_ms": click_ms(browser, f"{address}&most=100", cells[:n], 100),
            "first_matrix_ms": first_matrix_ms(browser, f"{address}&most=100"),
        }


def click_ms(browser: Any, address: str, cells: list[evaluate_data.Cell], n_levels: int) -> float:
    """The median over these cells of a matrix with n levels and its totals."""
    page = browser.new_context(viewport={"width": 1360, "height": 1400}).new_page()
    page.goto(address)
    page.locator(".st-key-matrix .nsewdrag").wait_for(timeout=120_000)
    page.wait_for_timeout(3_000)
    page.evaluate(WATCH_CLICKS)
    times = []
    for cell in cells:
        area = page.locator(".st-key-matrix .nsewdrag").bounding_box()
        x, y = (
            area[corner] + area[side] * (place + 0.5) / (n_levels + 1)
            for corner, side, place in (("x", "width", cell.column), ("y", "height", cell.row))
        )
        page.mouse.move(x, y)
        page.locator(".st-key-matrix .hoverlayer .hovertext").first.wait_for(timeout=30_000)
        page.mouse.click(x, y)
        times.append(page.wait_for_function(PAINTED, arg=[cell.heading], polling="raf", timeout=30_000).json_value())
        page.wait_for_timeout(600)
    page.context.close()
    return round(statistics.median(times[2:]), 1)


def first_matrix_ms(browser: Any, address: str) -> float:
    """From opening the page until the matrix takes clicks, the second time."""
    times = []
    for _ in range(2):
        page = browser.new_context(viewport={"width": 1360, "height": 1400}).new_page()
        began = time.perf_counter()
        page.goto(address)
        page.locator(".st-key-matrix .nsewdrag").wait_for(timeout=120_000)
        times.append((time.perf_counter() - began) * 1000)
        page.context.close()
    return round(times[-1])


def ledger_s(home: Path) -> dict[str, float]:
    """Seconds of the ledger of 400 decisions on the photos: relabelled between two quick looks, all in its job."""
    os.environ["CURATE_HOME"] = str(home)
    os.environ.setdefault("CURATE_WEIGHTS", str(evaluate_data.WEIGHTS))
    before, after = evaluate_data.make_cleaned_photos(400)
    from curate.jobs.runtime.job_process import run_job
    from curate.jobs.submit import ledger

    job_id = ledger.submit(before, after, "Benchmark")
    return {"ledger_s": round(timed(lambda: run_job(job_id)), 2)}


def timed(act: Any) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
