"""What is said to be left after so many decisions, against the truth, from hardly any wrong label to 40 %.

    python -m benchmarks.stopping [--quick] [--data FILE.npz] [--weights DIR]

Human label noise of cifar10n, thinned: a random share of the wrong labels stays, the others are set right (above 9 %
from the set with 41 % wrong). The doubts are those of a quick look with each network; the decisions are the most
doubtful images, judged by the truth. A case is a noise level, network, draw and number of decisions.

Last line, JSON: coverage, coverage_by_noise: share of cases in which the 95 % interval of wrong labels left covers the
truth; next_coverage: the same of the next hundred; ends_ratio_300: upper by lower end after 300 decisions, median at
5 % noise and more; false_stop: of advices to stop, those before a hundred with more than ten wrong ones; card_ece:
expected calibration error of the cards' percentages after 100 decisions, of all images that are left.
--quick: a random third of the images, four noise levels, `pixels` and the best network at hand, one draw.
"""

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import doubt_data
from benchmarks.doubt_data import Pixels
from curate.doubts import stopping
from curate.doubts.assess import assess
from curate.doubts.stopping import Outlook

SHARED = Path("../shared/data")
LEVELS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.09, 0.2, 0.4)
QUICK_LEVELS = (0.002, 0.02, 0.09, 0.4)
NETWORKS = ("pixels", "mobilenet_v2", "tf_efficientnet_lite0")
DECISIONS = (0, 20, 50, 100, 300, 1000)
DRAWS = 10
SIZE_PX = {"pixels": 32}  # else 160, as the quick look has it


@dataclass(frozen=True)
class Case:
    """An outlook after `n_seen` decisions and the truth: wrong labels left, and among the next hundred."""

    level: float
    n_seen: int
    outlook: Outlook
    left: int
    ahead: int
    card_error: float

    @property
    def covers_left(self) -> bool:
        """Whether the interval of what is left holds the truth."""
        return self.outlook.left.low <= self.left <= self.outlook.left.high

    @property
    def covers_next(self) -> bool:
        """The same of the next hundred."""
        return self.outlook.expected_next.low <= self.ahead <= self.outlook.expected_next.high


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    options = _options()
    os.environ.setdefault("CURATE_WEIGHTS", str(options.weights))
    pictures, (mild, severe) = doubt_data.read_npz(options.data, ["aggre_label", "worse_label"], "clean_label")
    rows = np.arange(len(pictures))
    if options.quick:
        rows = np.sort(np.random.default_rng(0).permutation(rows)[: len(rows) // 3])
    pictures, clean = Pixels(pictures.images[rows]), mild.clean[rows]
    cases: list[Case] = []
    for network in NETWORKS[:1] + NETWORKS[2:] if options.quick else NETWORKS:
        embeddings = see(pictures, network)
        for level in QUICK_LEVELS if options.quick else LEVELS:
            source = (mild if level <= 0.09 else severe).given[rows]
            for draw in range(1 if options.quick else DRAWS):
                given = thinned(source, clean, level, draw)
                doubt = assess(embeddings, given, mild.n_labels, np.zeros(len(given), bool)).doubt
                made = list(decided(doubt, given != clean, level))
                cases += made
                print(f"{network:>22} {level:6.1%} draw {draw}: {_line(made)}", flush=True)
    print(json.dumps(summary(cases)))


def see(pictures: Pixels, network: str) -> np.ndarray:
    """(N, D) float16: what a quick look with that network sees."""
    from curate.embeddings import embed
    from curate.embeddings.embed import Recipe

    size_px = SIZE_PX.get(network, 160)
    function = embed.load_network(Recipe(network, size_px, "squish"), is_alone=True)
    parts = (pictures(start, min(start + 32, len(pictures)), size_px) for start in range(0, len(pictures), 32))
    return np.concatenate([function(part) for part in parts])


def thinned(given: np.ndarray, clean: np.ndarray, level: float, draw: int) -> np.ndarray:
    """(N,) labels of which the share `level` is wrong, as `given` has them; the others are set right."""
    wrong = np.flatnonzero(given != clean)
    drawn = np.random.default_rng([draw, round(1000 * level)]).permutation(wrong)
    made = given.copy()
    made[drawn[round(level * len(given)) :]] = clean[drawn[round(level * len(given)) :]]
    return made


def decided(doubt: np.ndarray, is_wrong: np.ndarray, level: float) -> Iterator[Case]:
    """A case for each number of decisions."""
    order = np.argsort(-doubt, kind="stable")
    for n in DECISIONS:
        seen, rest = order[:n], order[n:]
        outlook = stopping.look_ahead(doubt[seen], is_wrong[seen], stopping.histogram(doubt[rest]))
        stated = np.array([outlook.probability(value) for value in doubt[rest].tolist()])
        error = calibration_error(stated, is_wrong[rest])
        yield Case(level, n, outlook, int(is_wrong[rest].sum()), int(is_wrong[rest[:100]].sum()), error)


def calibration_error(stated: np.ndarray, is_wrong: np.ndarray) -> float:
    """Expected calibration error over ten steps: by how much stated and true shares differ, weighted by images."""
    steps = np.minimum((10 * stated).astype(int), 9)
    stated_by_step, true_by_step = (np.bincount(steps, values, 10) for values in (stated, is_wrong))
    return float(np.abs(stated_by_step - true_by_step).sum() / len(stated))


def summary(cases: list[Case]) -> dict[str, Any]:
    """The JSON object."""
    by_noise = {level: [case.covers_left for case in cases if case.level == level] for level in LEVELS}
    ratios = [
        case.outlook.left.high / max(1.0, case.outlook.left.low)
        for case in cases if case.n_seen == 300 and case.level >= 0.05
    ]  # fmt: skip
    stops = [case.ahead > 10 for case in cases if case.outlook.stop]
    return {
        "n_cases": len(cases),
        "coverage": _share([case.covers_left for case in cases]),
        "coverage_by_noise": {f"{level:g}": _share(covers) for level, covers in by_noise.items() if covers},
        "next_coverage": _share([case.covers_next for case in cases]),
        "ends_ratio_300": round(float(np.median(ratios)), 2) if ratios else None,
        "n_stops": len(stops),
        "false_stop": _share(stops),
        "card_ece": round(float(np.mean([case.card_error for case in cases if case.n_seen == 100])), 4),
    }


def _share(flags: list[bool]) -> float | None:
    return round(float(np.mean(flags)), 4) if flags else None


def _line(cases: list[Case]) -> str:
    return "; ".join(
        f"{case.n_seen}: {case.left} left, said {case.outlook.left.low:.0f} to {case.outlook.left.high:.0f}"
        for case in cases
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stopping", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", type=Path, default=SHARED / "cifar10n" / "train10k.npz")
    parser.add_argument("--weights", type=Path, default=SHARED / "weights")
    return parser.parse_args()


if __name__ == "__main__":
    main()
