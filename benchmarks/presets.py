"""Whether *standard* is as accurate as a quick look on few pictures.

    python -m benchmarks.presets [--quick] [--network NAME] [--photos N...]

Needs ../shared/data. A project of N of the 2,527 photos learns from four fifths, in the labels' proportions; both are
judged by the same photos outside it (200; 300 from 900 on; 505 from 2,200 on), which the trainings hold out. Standard
as its preset fits it to the number of pictures, a quick look as it is chosen on the start page. --quick: 50 photos, one
seed, the first network.

worst: the smallest difference, standard less quick look, of the means over seeds, to be above -0.01; `cells` has both
means by network and number of photos.
"""

import argparse
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
NETWORKS = ("tf_efficientnet_lite0", "mobilenet_v2")
PHOTOS, SEEDS = (50, 100, 300, 1_000, 2_500), (0, 1, 2)


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one small cell")
    parser.add_argument("--network", choices=NETWORKS, action="append", help="this one only")
    parser.add_argument("--photos", type=int, nargs="+", default=PHOTOS, help="sizes of the project")
    chosen = parser.parse_args()
    networks, sizes, seeds = list(chosen.network or NETWORKS), list(chosen.photos), list(SEEDS)
    if chosen.quick:
        networks, sizes, seeds = networks[:1], [50], [0]
    cells = {}
    with tempfile.TemporaryDirectory() as place:
        os.environ.update(CURATE_HOME=place, CURATE_WEIGHTS=str(DATA / "weights"))
        for network in networks:
            features = _embed(network)
            for n in sizes:
                pairs = [_measure(network, features, n, seed, Path(place)) for seed in seeds]
                quick, standard = np.mean(pairs, axis=0).round(4).tolist()
                cells[f"{network} {n}"] = {"quick_look": quick, "standard": standard}
                print(f"{network}, {n:,} photos: quick look {quick:.3f}, standard {standard:.3f}", flush=True)
    worst = min(cell["standard"] - cell["quick_look"] for cell in cells.values())
    print(json.dumps({"worst": round(worst, 4), "cells": cells}))


def _files() -> list[Path]:
    return sorted((DATA / "photos/trashnet").glob("*/*.jpg"))


def _labels() -> tuple[np.ndarray, list[str]]:
    folders = [file.parent.name for file in _files()]
    names = sorted(set(folders))
    return np.array([names.index(folder) for folder in folders]), names


def _embed(network: str) -> np.ndarray:
    """Returns (N, D) features of all photos, as a quick look reads them."""
    from curate.embeddings.embed import Recipe, load_network
    from curate.training.fitting.decoded_cache import read_fitted

    see, files = load_network(Recipe(network, 160, "squish")), _files()
    parts = [files[start : start + 32] for start in range(0, len(files), 32)]
    return np.concatenate([see(np.stack([read_fitted(file, 160, "squish") for file in part])) for part in parts])


def _split(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows that a project of n photos learns from, and those outside it."""
    labels, names = _labels()
    order = np.random.default_rng(seed).permutation(len(labels))
    n_outside = 200 if n < 900 else 300 if n < 2_200 else 505
    outside, rest = order[:n_outside], order[n_outside:]
    shares = np.bincount(labels) / len(labels)
    learnt = [rest[labels[rest] == i][: max(3, round(0.8 * n * shares[i]))] for i in range(len(names))]
    return np.concatenate(learnt), outside


def _measure(network: str, features: np.ndarray, n: int, seed: int, place: Path) -> tuple[float, float]:
    """Returns the accuracy of a quick look and of standard."""
    from curate.doubts import projection
    from curate.embeddings import quick_look_head
    from curate.training.fitting.run import train
    from curate.training.settings.presets import STANDARD, for_pictures

    labels, names = _labels()
    learnt, outside = _split(n, seed)
    project = np.concatenate([learnt, outside[: len(learnt) // 4]])
    made = projection.fit(features[project])
    head = quick_look_head.fit(made.mean, made.matrix, features[learnt], labels[learnt], len(names))
    quick = float((head.predict(features[outside]).argmax(axis=1) == labels[outside]).mean())
    rows = np.concatenate([learnt, outside])
    files, is_valid = _files(), np.arange(len(rows)) >= len(learnt)
    config = replace(for_pictures(STANDARD, len(learnt)), architecture=network, seed=seed)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        result = train([files[row] for row in rows], labels[rows], is_valid, names, config, Path(folder))
    return quick, result.accuracy


if __name__ == "__main__":
    main()
