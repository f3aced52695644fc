"""Exports of one file without pictures: the table, the attribution list, the data card."""

import secrets
from collections.abc import Callable
from pathlib import Path

from curate.data_export import attribution, data_card, image_table
from curate.data_export.order import Order
from curate.data_export.tree import Step, Written
from curate.data_export.version_images import pages
from curate.errors import BadInput


def write_csv(order: Order, path: Path, on_step: Step) -> Written:
    """Write the table of all images to `path`. Raises BadInput when there is something already."""
    written = Written()

    def write_table(fresh: Path) -> None:
        rows = ([(image, "") for image in page] for page in pages(order.version))
        written.n_formulas = image_table.write(fresh, order.version, rows, order.is_for_spreadsheet, has_paths=False)

    return _write(order, path, on_step, write_table, written)


def write_attribution(order: Order, path: Path, on_step: Step) -> Written:
    """Write sources and licences, as CSV where `path` ends so, else as Markdown."""
    write_list = attribution.write_csv if path.suffix.lower() == ".csv" else attribution.write_markdown
    return _write(order, path, on_step, lambda fresh: write_list(fresh, order.version))


def write_card(order: Order, path: Path, on_step: Step) -> Written:
    """Write the data card."""
    text = data_card.text(order.version, order.errors_left)
    return _write(order, path, on_step, lambda fresh: fresh.write_text(text, "utf-8", "backslashreplace"))


def _write(
    order: Order, path: Path, on_step: Step, write: Callable[[Path], object], written: Written | None = None
) -> Written:
    if path.exists():
        raise BadInput(f"{path} is there already.", "Name a new file; an export never writes over anything.")
    written = written or Written()
    on_step(0, order.version.n_images, "Writing")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            write(fresh)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another place.") from error
    written.n_images = written.n_added = order.version.n_images
    return written
