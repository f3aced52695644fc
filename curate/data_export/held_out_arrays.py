"""Arrays for cleanlab: given labels, and probabilities of a run that had not seen the pictures."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import select

from curate import store
from curate.catalog import runs
from curate.catalog.database import reading
from curate.catalog.runs import RunRow
from curate.catalog.tables.core import Score
from curate.data_export import target
from curate.data_export.order import Order
from curate.data_export.tree import Step, Written
from curate.data_export.version_images import ExportedImage, ProjectVersion, pages
from curate.errors import BadInput
from curate.spreadsheet import is_formula, safe_cell

FORMAT = "cleanlab"
USAGE = """```python
import numpy as np
from cleanlab.filter import find_label_issues

labels, pred_probs = np.load("labels.npy"), np.load("pred_probs.npy")
find_label_issues(labels, pred_probs, return_indices_ranked_by="self_confidence")
```

`labels.npy`: (N,) places in `classes.txt`, from 0. `pred_probs.npy`: (N, C) probabilities by {run}, which had not seen
these pictures. `images.csv`: which image each row is. Left out are {n} pictures: those that the run was trained on or
does not know, and those under a label that it does not know."""


_LABELS, _PROBABILITIES, _IMAGES = "labels.npy", "pred_probs.npy", "images.csv"


def write(order: Order, folder: Path, on_step: Step) -> Written:
    """Write labels.npy, pred_probs.npy, images.csv and classes.txt. Raises BadInput where no run has held-out ones."""
    run = _run_of(order)
    n_rows = _count(order.version, run)
    if not n_rows:
        raise BadInput(f"{run.name} had seen every picture of this version.", "Take a quick look: it holds all out.")
    with target.at_once(folder, order.version, FORMAT) as place:
        n_left_out = order.version.n_images - n_rows
        for name in (_LABELS, _PROBABILITIES, _IMAGES):
            place.manifest.store_extra(name)
        place.manifest.commit()
        n_formulas = _write_arrays(folder, order, run, n_rows, on_step)
        names = {label.id: label.name for label in order.version.labels}
        text = "".join(f"{names[label_id]}\n" for label_id in run.label_ids)
        usage = USAGE.format(run=run.name.lower(), n=f"{n_left_out:,}")
        for name, write_list in {
            "classes.txt": lambda path: path.write_text(text, "utf-8"),
            **order.extras(usage),
        }.items():
            place.write_list(name, write_list)
    return Written(n_images=n_rows, n_added=n_rows, n_formulas=n_formulas)


def _run_of(order: Order) -> RunRow:
    run_id = order.run_id or order.version.run_id
    if run_id is None:
        raise BadInput("No run has finished, so there are no probabilities.", "Take a quick look, or train, first.")
    return runs.find_run(run_id)


def _count(version: ProjectVersion, run: RunRow) -> int:
    return sum(len(page) for page in _held_out(version, run))


def _held_out(version: ProjectVersion, run: RunRow) -> Iterator[list[tuple[ExportedImage, int]]]:
    """Yields the images that the run had not seen, with their rows in its probabilities, in pages."""
    places = set(run.label_ids)
    for page in pages(version):
        query = select(Score.image_id, Score.row).where(
            Score.run_id == run.id, Score.held_out, Score.image_id.between(page[0].id, page[-1].id)
        )
        with reading() as session:
            rows = {int(image_id): int(row) for image_id, row in session.execute(query)}
        yield [(image, rows[image.id]) for image in page if image.id in rows and image.label_id in places]


def _write_arrays(folder: Path, order: Order, run: RunRow, n_rows: int, on_step: Step) -> int:
    """Returns how many cells of the table a spreadsheet would run. Writes through maps of files, without memory."""
    version, n_formulas = order.version, 0
    stored = np.load(store.run_folder(run.id) / "probabilities.npy", mmap_mode="r")
    places = {label_id: place for place, label_id in enumerate(run.label_ids)}
    labels = np.lib.format.open_memmap(folder / _LABELS, "w+", np.int64, (n_rows,))
    shape = (n_rows, stored.shape[1])
    probabilities = np.lib.format.open_memmap(folder / _PROBABILITIES, "w+", stored.dtype, shape)
    n_done = 0
    with (folder / _IMAGES).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file)
        table.writerow(("row", "image", "split", "file_name", "sha256"))
        for page in _held_out(version, run):
            until = n_done + len(page)
            labels[n_done:until] = [places[image.label_id] for image, _ in page]
            probabilities[n_done:until] = stored[[row for _, row in page]]
            for n, (image, _) in enumerate(page):
                n_formulas += is_formula(image.file_name)
                name = safe_cell(image.file_name) if order.is_for_spreadsheet else image.file_name
                table.writerow((n_done + n, image.id, image.split, name, image.sha))
            n_done = until
            on_step(n_done, n_rows, "Writing probabilities")
    labels.flush()
    probabilities.flush()
    return n_formulas
