"""Whether Compare tells the truth on built cases: real pictures, labels that people gave, and the clean ones.

    python -m benchmarks.evaluate_truth [--quick]

The images of cifar10n (../shared), embedded once. Each repetition draws new pictures to train on and to hold out, and
trains quick looks with new seeds (`embeddings.refit`), as *Train both versions with three more seeds* does.

null_coverage: nothing changed; share of comparisons that "cannot be told apart". Eight trainings on the same labels are
divided into four and four in all 35 ways, each as good as any other: one way alone leaves the share of 200 repetitions
uncertain by 3 points. null_coverage_of_a_pair: the same by one training each (28 ways), without the noise floor.
train_fix_coverage: the training labels of one person each (17 % wrong) against clean ones, held-out labels checked;
share of intervals that cover the difference on the clean labels of all other images, the mean of 24 further seeds a
side. train_fix_coverage_unchecked: held-out labels as people gave them (9 % wrong), which shrinks every difference.
selective_bias_before: the same training labels on both sides, but half of the older run's suggestions for held-out
labels accepted; mean error of the difference by today's labels, in points. selective_bias_after: after the blind check
of the flips, answered by somebody else's labels (17 % wrong). selective_by_labels: points of the older run's own change
between the labels of then and now, which the report puts down to the labels. --quick: 3,000 images, 20 repetitions.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.doubt_data import Pixels

SHARED = Path(__file__).parents[2] / "shared" / "data"
NETWORK, SIZE_PX, CHUNK = "tf_efficientnet_lite0", 96, 64
N_LABELS = 10
SEEDS, TRUTH_SEEDS = 4, 24  # by few seeds the truth would be as uncertain as what is held against it


@dataclass(frozen=True)
class Cases:
    """(N, N) kernel between all images, (N,) labels by name: clean, aggre (9 % wrong), random1 and random2 (17 %)."""

    kernel: np.ndarray
    labels: dict[str, np.ndarray]
    n_train: int
    n_valid: int

    def drawn(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns rows to train on, rows held out, and all others."""
        rows = rng.permutation(len(self.kernel))
        return rows[: self.n_train], rows[self.n_train :][: self.n_valid], rows[self.n_train + self.n_valid :]

    def trained(
        self, train: np.ndarray, labels: np.ndarray, others: np.ndarray, rng: np.random.Generator, n: int
    ) -> np.ndarray:
        """Returns (n, V) predictions of `others` by n quick looks with new seeds."""
        from curate.embeddings import refit

        across, within, answers = self.kernel[np.ix_(others, train)], self.kernel[np.ix_(train, train)], []
        for seed in rng.integers(0, 2**31, n).tolist():
            weights = refit.drawn_weights(train, seed)
            solved = refit.solve_weighted(within.copy(), labels[train], N_LABELS, weights)
            answers.append((across @ solved).argmax(axis=1))
        return np.stack(answers)


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller sets, 20 repetitions")
    print(json.dumps(measure(quick=parser.parse_args().quick)))


def measure(quick: bool = False) -> dict[str, Any]:
    """Returns the figures; {} where the shared images are missing."""
    path = SHARED / "cifar10n" / "train10k.npz"
    if not path.exists():
        print("../shared/data/cifar10n is missing: the built cases are left out.")
        return {}
    began = time.perf_counter()
    cases = _cases(path, 3_000 if quick else 10_000, *((600, 450) if quick else (1_200, 900)))
    n = 20 if quick else 200
    figures: dict[str, Any] = {"truth_repetitions": n}
    for case in (null, train_fix, selective):
        results = [case(cases, np.random.default_rng((seed, n))) for seed in range(n)]
        figures |= {name: round(float(np.mean([one[name] for one in results])), 4) for name in results[0]}
        print(f"{case.__name__}: {figures}", flush=True)
    return figures | {"truth_s": round(time.perf_counter() - began)}


def null(cases: Cases, rng: np.random.Generator) -> dict[str, float]:
    """Nothing changed: the labels that people gave, on both sides."""
    from curate.evaluation.paired import paired_interval
    from curate.evaluation.training_noise import measure as measure_noise

    train, valid, _ = cases.drawn(rng)
    labels = cases.labels["aggre"]
    predicted = cases.trained(train, labels, valid, rng, 2 * SEEDS)
    right = (predicted == labels[valid]).astype(int)
    everyone, first = set(range(2 * SEEDS)), combinations(range(1, 2 * SEEDS), SEEDS - 1)  # training 0 is in the first
    sides = [({0, *others}, everyone - {0, *others}) for others in first]
    apart = [
        measure_noise(predicted[list(old)], predicted[list(new)], labels[valid]).is_beyond_chance for old, new in sides
    ]
    pairs = [paired_interval(right[new] - right[old]).excludes_zero for old, new in combinations(range(2 * SEEDS), 2)]
    return {"null_coverage": 1 - float(np.mean(apart)), "null_coverage_of_a_pair": 1 - float(np.mean(pairs))}


def train_fix(cases: Cases, rng: np.random.Generator) -> dict[str, float]:
    """Only the training labels were corrected."""
    from curate.evaluation.training_noise import measure as measure_noise

    train, valid, rest = cases.drawn(rng)
    clean, sides = cases.labels["clean"], (cases.labels["random1"], cases.labels["clean"])
    before, after = (cases.trained(train, labels, valid, rng, SEEDS) for labels in sides)
    truths = [(cases.trained(train, labels, rest, rng, TRUTH_SEEDS) == clean[rest]).mean() for labels in sides]
    truth = float(truths[1] - truths[0])
    checked, unchecked = (
        measure_noise(before, after, cases.labels[name][valid]).difference for name in ("clean", "aggre")
    )
    return {
        "train_fix_coverage": checked.low <= truth <= checked.high,
        "train_fix_coverage_unchecked": unchecked.low <= truth <= unchecked.high,
        "train_fix_points": 100 * truth,
        "train_fix_interval_points": 100 * (checked.high - checked.low),
    }


def selective(cases: Cases, rng: np.random.Generator) -> dict[str, float]:
    """Only held-out labels were corrected, by accepting suggestions of the older run."""
    from curate.evaluation.checked_flips import count_checked_flips

    train, valid, _ = cases.drawn(rng)
    given, clean = cases.labels["aggre"], cases.labels["clean"][valid]
    before, after = cases.trained(train, given, valid, rng, 2)
    is_accepted = (before != given[valid]) & (rng.random(len(valid)) < 0.5)
    today = np.where(is_accepted, before, given[valid])
    flips = before != after
    checked = count_checked_flips(
        before[flips], after[flips], cases.labels["random2"][valid][flips], len(valid)
    ).difference.value

    def difference(labels: np.ndarray) -> float:
        return float((after == labels).mean() - (before == labels).mean())

    own_change = (after == today).mean() - (before == given[valid]).mean()
    by_labels = (before == today).mean() - (before == given[valid]).mean()
    return {
        "selective_bias_before": 100 * (difference(today) - difference(clean)),
        "selective_bias_after": 100 * (checked - difference(clean)),
        "selective_own_change": 100 * own_change,
        "selective_by_labels": 100 * by_labels,
    }


def _cases(path: Path, n: int, n_train: int, n_valid: int) -> Cases:
    from curate.doubts import projection
    from curate.embeddings.quick_look_head import kernel, points_of

    with np.load(path) as data:
        images = data["images"] if "images" in data else data[data.files[0]]
        names = {"clean": "clean_label", "aggre": "aggre_label", "random1": "random_label1", "random2": "random_label2"}
        labels = {name: data[column][:n].astype(np.int64) for name, column in names.items()}
    embeddings = _embed(images[:n])
    fitted = projection.fit(embeddings)
    points = points_of(embeddings, fitted.mean, fitted.matrix)
    return Cases(kernel(points, points), labels, n_train, n_valid)


def _embed(images: np.ndarray) -> np.ndarray:
    os.environ["CURATE_WEIGHTS"] = str(SHARED / "weights")
    from curate.embeddings.backbones import Backbone

    pictures, network = Pixels(images), Backbone(NETWORK, SIZE_PX)
    starts = range(0, len(images), CHUNK)
    return np.concatenate(
        [network.features(pictures(first, min(first + CHUNK, len(images)), SIZE_PX)) for first in starts]
    )


if __name__ == "__main__":
    main()
