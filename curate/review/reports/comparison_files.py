"""A comparison of two runs as files: the whole report as JSON, the flipped images as CSV."""

import dataclasses
import json
import math
from typing import Any, cast

from curate.catalog import images
from curate.catalog.runs import RunRow
from curate.evaluation import Side
from curate.evaluation.checked_flips import CheckedFlips
from curate.evaluation.training_noise import TrainingNoise
from curate.review.reports.run_comparison import Report
from curate.spreadsheet import csv_text

FLIP_COLUMNS = ("image", "file", "label", "before", "after", "kind", "p_before", "p_after")


def as_json(report: Report, checked: CheckedFlips | None = None, noise: TrainingNoise | None = None) -> str:
    """Returns the report as JSON: shares in [0, 1], undefined numbers null, labels by name, images by id and file.

    checked: the blind check of the flips, None = nobody has started one. noise: of repeats, None = there are none.
    """
    comparison, (old, new) = report.comparison, report.largest_train_loss
    whole = {
        "before": _side(report.before, comparison.before, old),
        "after": _side(report.after, comparison.after, new),
        "label_source": report.source,
        "n": comparison.n,
        "n_left_out": comparison.n_left_out,
        "difference": dataclasses.asdict(comparison.difference),
        "p_value": comparison.p_value,
        "probability_better": comparison.probability_better,
        "n_fixed": comparison.n_fixed,
        "n_broken": comparison.n_broken,
        "verdict": comparison.verdict,
        "label_names": [label.name for label in report.labels],
        "labels": comparison.labels.to_dict("records"),
        "flips": flip_rows(report),
        "checked_flips": _checked(checked) if checked else None,
        "training_noise": dataclasses.asdict(noise) | {"verdict": noise.verdict} if noise else None,
    }
    return json.dumps(_plain(whole), indent=1, ensure_ascii=True, allow_nan=False)


def flips_csv(report: Report) -> str:
    """Returns a CSV row per image whose prediction changed, largest change first; `kind`: fixed, broken, changed."""
    return csv_text([FLIP_COLUMNS, *([row[name] for name in FLIP_COLUMNS] for row in flip_rows(report))])


def flip_rows(report: Report) -> list[dict[str, Any]]:
    """Returns the flips with the names of their labels and files."""
    names = [label.name for label in report.labels]
    flips = report.comparison.flips
    files: dict[int, str] = {}
    ids = flips["image"].tolist()
    for start in range(0, len(ids), 5_000):  # SQLite takes 32,766 bound values
        files |= {row.id: row.file_name for row in images.image_rows(ids[start : start + 5_000])}
    return [
        {
            **row,
            "file": files.get(row["image"], ""),
            **{side: names[row[side]] for side in ("label", "before", "after")},
        }
        for row in cast(list[dict[str, Any]], flips.to_dict("records"))
    ]


def _checked(flips: CheckedFlips) -> dict[str, Any]:
    return {
        **dataclasses.asdict(flips),
        "bounds": flips.bounds,
        "difference": dataclasses.asdict(flips.difference) if flips.is_done else None,
        "probability_better": flips.probability_better if flips.is_done else None,
    }


def _side(run: RunRow, side: Side, largest_train_loss: float) -> dict[str, Any]:
    return {
        "run": run.number,
        "version": run.version_number,
        "config": run.config,
        "accuracy": dataclasses.asdict(side.accuracy),
        "matrix": side.matrix.tolist(),
        "mean_loss": side.mean_loss,
        "largest_loss": side.largest_loss,
        "largest_train_loss": largest_train_loss,
    }


def _plain(value: Any) -> Any:
    """Returns the value in Python's own types, with None for NaN, which JSON lacks."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
