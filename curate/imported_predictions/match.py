"""Finds the image that each prediction is about, and the label that each of its columns means."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from curate.errors import BadInput
from curate.imported_predictions.read import Predictions

MOST_NAMED = 20  # keys listed in a result, of each sort
UNMATCHED = {
    "unknown": "fit no image", "ambiguous": "fit several", "twice": "came before", "unread": "hold no numbers",
}  # fmt: skip
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Matched:
    """rows: (M,) positions of images that have a prediction; probabilities: (M, C) float32 over the project's labels.

    unknown, ambiguous, twice, unread: keys without an image, with several, seen before, without numbers: the first of
    them, with their numbers in `counts`. notes: sentences on what is not as the model gave it.
    """

    rows: np.ndarray
    probabilities: np.ndarray
    counts: dict[str, int]
    examples: dict[str, list[str]]
    notes: list[str] = field(default_factory=list)


def match(predictions: Predictions, shas: list[str], paths: list[str], label_names: list[str]) -> Matched:
    """Matches by SHA-256, else by the end of the path: "cats/1.jpg" fits ".../pets/cats/1.jpg".

    shas, paths: of the project's images, in order; label_names: of its labels. Raises BadInput when nothing matches.
    """
    find = _Finder(shas, paths)
    counts: dict[str, int] = defaultdict(int)
    examples: dict[str, list[str]] = defaultdict(list)
    row_of: dict[int, int] = {}
    is_readable = np.isfinite(predictions.probabilities).all(axis=1)
    for number, key in enumerate(predictions.keys):
        places = find(key)
        why = _refusal(places, row_of, bool(is_readable[number]))
        if why:
            counts[why] += 1
            if len(examples[why]) < MOST_NAMED:
                examples[why].append(key[:200])
        else:
            row_of.update(dict.fromkeys(places, number))
    if not row_of:
        first = predictions.keys[0] if predictions.keys else ""
        raise BadInput(
            f"None of the {len(predictions.keys):,} rows fits an image of the project, for example {first!r:.120}.",
            "Name pictures by file name, by the end of their path, or by SHA-256.",
        )
    rows = np.array(sorted(row_of), np.int64)
    source = predictions.probabilities[[row_of[row] for row in rows.tolist()]]
    probabilities, notes = _spread(source, predictions, label_names)
    return Matched(rows, probabilities, dict(counts), dict(examples), notes)


class _Finder:
    """Positions of the images that a key may mean. Several pictures with the same bytes are all meant."""

    def __init__(self, shas: list[str], paths: list[str]) -> None:
        self._paths = [path.replace("\\", "/") for path in paths]
        self._by_sha: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for place, (sha, path) in enumerate(zip(shas, self._paths, strict=True)):
            self._by_sha[sha].append(place)
            self._by_name[path.rpartition("/")[2]].append(place)
        self._shas = shas

    def __call__(self, key: str) -> list[int]:
        """No position: unknown; several of different bytes: ambiguous."""
        if _SHA.fullmatch(key.lower()):
            return self._by_sha.get(key.lower(), [])
        parts = key.replace("\\", "/").split("/")
        places = self._by_name.get(parts[-1], [])
        for n_parts in range(2, len(parts) + 1):
            if len(places) < 2:
                break
            end = "/".join(parts[-n_parts:])
            narrower = [place for place in places if f"/{self._paths[place]}".endswith(f"/{end}")]
            places = narrower or places
        return places if len({self._shas[place] for place in places}) < 2 else [-1]


def _refusal(places: list[int], row_of: dict[int, int], is_readable: bool) -> str:
    if not places:
        return "unknown"
    if places == [-1]:
        return "ambiguous"
    if not is_readable:
        return "unread"
    return "twice" if places[0] in row_of else ""


def _spread(source: np.ndarray, predictions: Predictions, label_names: list[str]) -> tuple[np.ndarray, list[str]]:
    """(M, C) over the project's labels, and what is to be said of it."""
    place = {name: at for at, name in enumerate(label_names)}
    foreign = [name for name in predictions.labels if name not in place]
    if foreign:
        raise BadInput(
            f"The project has no label {foreign[0]!r:.80}"
            + (f", nor {len(foreign) - 1:,} others." if foreign[1:] else "."),
            f"Its labels are {', '.join(label_names)[:200]}.",
        )
    columns = np.array([place[name] for name in predictions.labels])
    spread = np.zeros((len(source), len(label_names)), np.float32)
    spread[:, columns] = source
    notes = []
    if not predictions.is_whole:
        best = columns[source.argmax(axis=1)]
        scores = source.max(axis=1)
        spread[:] = ((1 - scores) / max(1, len(label_names) - 1))[:, None]
        spread[np.arange(len(source)), best] = scores
        notes.append("Only the predicted label's probability was given; the rest is divided evenly among the others.")
    elif absent := [name for name in label_names if name not in predictions.labels]:
        notes.append(f"The model has no {', '.join(absent)[:200]}: their probability is 0.")
    if predictions.ignored:
        notes.append(f"Columns left out: {', '.join(predictions.ignored)[:200]}.")
    return spread, notes
