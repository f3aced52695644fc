"""The stored combinations of slices of a run: written by their job into the run's folder, read by Evaluate."""

import json
from dataclasses import asdict
from pathlib import Path

from curate import store
from curate.evaluation.intervals import Interval
from curate.evaluation.slice_combinations import Combination, Combinations
from curate.review.reports.evaluated import Evaluated


def write(evaluated: Evaluated, found: Combinations) -> None:
    """Store the combinations of these pictures in place of older ones."""
    whole = {"version_id": evaluated.version_id, **asdict(found)}
    store.write_atomic(_path(evaluated), json.dumps(whole).encode())


def read(evaluated: Evaluated) -> tuple[Combinations, bool] | None:
    """Returns the newest combinations of these pictures and whether labels changed since; None = there are none yet."""
    path = _path(evaluated)
    if not path.exists():
        return None
    stored = json.loads(path.read_bytes())
    held = [_combination(one) for one in stored["held"]]
    combinations = Combinations(held, stored["n_looked"], stored["n_tried"])
    return combinations, stored["version_id"] != evaluated.version_id


def _combination(one: dict[str, object]) -> Combination:
    parts = tuple((name, value) for name, value in one["parts"])  # type: ignore[attr-defined]
    return Combination(**one | {"parts": parts, "risk": Interval(**one["risk"])})  # type: ignore[arg-type]


def _path(evaluated: Evaluated) -> Path:
    return store.run_folder(evaluated.run.id) / f"combinations-{evaluated.split}-{evaluated.source}.json"
