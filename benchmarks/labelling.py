"""From a heap of pictures to labels: key presses of a simulated person who knows the truth, against three other ways.

    python -m benchmarks.labelling [--quick] [--seeds 3]

The pictures are the photos and 10,000 of CIFAR-10 with their clean labels; all ways use the same embeddings and the
same refits after every twenty decisions. `one_by_one`: at random, no model, one key a picture. `uncertainty`: the least
certain first, one key each; whatever has no label yet carries the prediction, which nobody has seen. `useful`: the same
with the order *most useful first*. `groups`: group by group of alike ones. `ours`: five groups, then the most useful
ones until ten of each label, then pages of the surest; here a picture counts once the person has seen it. A page costs
two keys (all, the label or Enter), one to turn it, and two for each picture that is put right (to it, its key); where
that is more than one key a picture, each gets its own key. `presses_N`: until N % of all carry the right label.
`within_interval`: the share of bulk acceptances whose wrong ones among those that nobody saw were as few as the
interval said. `refit_s`: one refit and its orders, with 500 labels, at 10,000 pictures; `refit_s_200k`: at 200,000.
Last line: one JSON object.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.doubt_data import Photos, read_npz
from curate.doubts import projection
from curate.embeddings import suggestions as fitting
from curate.embeddings.embed import Recipe, load_network
from curate.embeddings.suggestions import Groups, Predictions
from curate.evaluation.intervals import exact_interval
from curate.review.labelling.acceptance import N_CHECKED

SHARED = Path(__file__).parents[2] / "shared" / "data"
RECIPE = Recipe("tf_efficientnet_lite0", 160, "squish")
TARGETS = (0.9, 0.95, 0.98)
EVERY, PAGE, FIRST_GROUPS, OF_EACH_LABEL = 20, 48, 5, 10
THRESHOLD = 0.9


@dataclass
class Person:
    """Labels pictures right and counts keys; known: (N,) whether a picture has its label.

    reached: {share of right labels: (presses, decisions) when it was reached}.
    """

    points: np.ndarray
    truth: np.ndarray
    known: np.ndarray
    presses: int = 0
    decisions: int = 0
    reached: dict[float, tuple[int, int]] = field(default_factory=dict)

    def label(self, rows: np.ndarray, presses: int) -> None:
        """Give these pictures their labels, at the cost of so many keys."""
        self.known[rows] = True
        self.presses += presses
        self.decisions += len(rows)
        self.note(float(self.known.mean()))

    def note(self, share: float) -> None:
        """Note the cost of each target that this share of right labels reaches."""
        for target in TARGETS:
            if share >= target and target not in self.reached:
                self.reached[target] = (self.presses, self.decisions)

    def label_page(self, rows: np.ndarray, suggested: np.ndarray) -> None:
        """Label a page whose pictures are accepted as suggested but for the wrong ones."""
        n_wrong = int((suggested != self.truth[rows]).sum())
        self.label(rows, min(3 + 2 * n_wrong, len(rows) + 1))

    def predict(self) -> tuple[np.ndarray, Predictions]:
        """Returns the rows without a label, and their predictions."""
        rest = np.flatnonzero(~self.known)
        made = fitting.predict(self.points[rest], self.points[self.known], self.truth[self.known] + 1)
        return rest, made

    @property
    def is_done(self) -> bool:
        """Whether all targets are reached."""
        return len(self.reached) == len(TARGETS)


def one_by_one(person: Person, _groups: Groups, rng: np.random.Generator) -> None:
    """Every picture in random order, a key each."""
    for row in rng.permutation(len(person.truth)):
        person.label(np.array([row]), 1)


def by_groups(person: Person, groups: Groups, _rng: np.random.Generator) -> None:
    """Every group of alike pictures, a page at a time."""
    for rows in group_pages(groups):
        person.label_page(rows, np.full(len(rows), most_frequent(person.truth[rows])))


def by_uncertainty(person: Person, _groups: Groups, rng: np.random.Generator) -> None:
    """The least certain first; the rest carries its prediction."""
    _label_some(person, rng.permutation(len(person.truth))[:EVERY], lambda rest, made: made.margin)


def by_use(person: Person, groups: Groups, _rng: np.random.Generator) -> None:
    """The most useful first; the rest carries its prediction."""

    def rank(rest: np.ndarray, made: Predictions) -> np.ndarray:
        of_rest = Groups(groups.group[rest], groups.distance[rest])
        return fitting.rank_useful(person.points[rest], made, of_rest)

    every = np.arange(len(person.truth))
    nothing = np.zeros(len(every), np.float32)
    first = np.argsort(rank(every, Predictions(np.zeros(len(every), np.int64), nothing, nothing)))[:EVERY]
    _label_some(person, first, rank)


def _label_some(person: Person, first: np.ndarray, rank: Callable[[np.ndarray, Predictions], np.ndarray]) -> None:
    """Label twenty at a time, the lowest ranks first, until the predictions of the rest are right, too."""
    person.label(first, len(first))
    while not person.is_done and not person.known.all():
        rest, made = person.predict()
        n_right = person.known.sum() + (made.predicted - 1 == person.truth[rest]).sum()
        person.note(float(n_right / len(person.truth)))
        person.label(rest[np.argsort(rank(rest, made), kind="stable")[:EVERY]], min(EVERY, len(rest)))


def ours(person: Person, groups: Groups, _rng: np.random.Generator) -> None:
    """Some groups, then the most useful, then pages of the surest."""
    for rows, _ in zip(group_pages(groups), range(FIRST_GROUPS), strict=False):
        person.label_page(rows, np.full(len(rows), most_frequent(person.truth[rows])))
    n_labels = int(person.truth.max()) + 1
    while not person.is_done and not person.known.all():
        rest, made = person.predict()
        has_enough = np.bincount(person.truth[person.known], minlength=n_labels).min() >= OF_EACH_LABEL
        if has_enough:
            rows = np.argsort(-made.p, kind="stable")[:PAGE]
            person.label_page(rest[rows], made.predicted[rows] - 1)
            continue
        of_rest = Groups(groups.group[rest], groups.distance[rest])
        ranks = fitting.rank_useful(person.points[rest], made, of_rest)
        person.label(rest[np.argsort(ranks)[:EVERY]], min(EVERY, len(rest)))


WAYS: dict[str, Callable[[Person, Groups, np.random.Generator], None]] = {
    "ours": ours, "one_by_one": one_by_one, "uncertainty": by_uncertainty, "useful": by_use,
    "groups": by_groups,
}  # fmt: skip


def group_pages(groups: Groups) -> Iterator[np.ndarray]:
    """Yields the rows of each page of a group, the largest group first."""
    order = np.lexsort((groups.distance, groups.group))
    for group in range(int(groups.group.max()) + 1):
        rows = order[groups.group[order] == group]
        yield from (rows[start : start + PAGE] for start in range(0, len(rows), PAGE))


def most_frequent(labels: np.ndarray) -> int:
    """Returns the most frequent label."""
    return int(np.bincount(labels).argmax())


def compare(points: np.ndarray, truth: np.ndarray, n_seeds: int) -> dict[str, dict[str, float]]:
    """Returns {way: {presses_90, decisions_90, …}}, means over the seeds."""
    table: dict[str, dict[str, float]] = {}
    for way, carry_out in WAYS.items():
        people = []
        for seed in range(n_seeds):
            rng = np.random.default_rng(seed)
            drawn = rng.permutation(len(truth))
            person = Person(points[drawn], truth[drawn], np.zeros(len(truth), bool))
            carry_out(person, fitting.make_groups(person.points, seed), rng)
            people.append(person)
        table[way] = {
            f"{name}_{round(100 * target)}": round(float(np.mean([person.reached[target][at] for person in people])), 1)
            for target in TARGETS
            for at, name in enumerate(("presses", "decisions"))
        }
    return table


def within_interval(points: np.ndarray, truth: np.ndarray, n_runs: int) -> float:
    """Returns the share of acceptances whose wrong ones that nobody saw lie in the interval of the checked ones."""
    n_within = 0
    for seed in range(n_runs):
        rng = np.random.default_rng(1_000 + seed)
        known = np.zeros(len(truth), bool)
        known[rng.permutation(len(truth))[: min(300, len(truth) // 3)]] = True
        rest, made = Person(points, truth, known).predict()
        sure = rng.permutation(np.flatnonzero(made.p >= THRESHOLD))
        is_wrong = made.predicted[sure] - 1 != truth[rest[sure]]
        interval = exact_interval(int(is_wrong[:N_CHECKED].sum()), len(is_wrong[:N_CHECKED]))
        share = float(is_wrong[N_CHECKED:].mean()) if len(is_wrong) > N_CHECKED else 0.0
        n_within += interval.low <= share <= interval.high
    return n_within / n_runs


def refit_s(n: int) -> float:
    """Returns the seconds of one refit with all orders, of made-up features with 500 labels out of ten."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((n, 256)).astype(np.float16)
    groups = Groups(rng.integers(0, 200, n), rng.random(n).astype(np.float32))
    began = time.monotonic()
    points = fitting.as_points(features)
    given, label_ids = points[:500], np.arange(500) % 10 + 1
    made = fitting.predict(points, given, label_ids)
    fitting.measure(given, label_ids, np.ones(500, bool))
    fitting.find_novelty(points, given)
    fitting.rank_useful(points, made, groups)
    return round(time.monotonic() - began, 2)


def features_of(pictures: Callable[[int, int, int], np.ndarray], n: int) -> np.ndarray:
    """Returns the points of n pictures, as the Label page has them."""
    network = load_network(RECIPE)
    parts = [network(pictures(first, min(n, first + 64), RECIPE.size_px)) for first in range(0, n, 64)]
    embeddings = np.concatenate(parts)
    return fitting.as_points(projection.fit(embeddings).apply(embeddings))


def main() -> None:
    """Measure, print a table, and end with one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="photos only, one seed, ten acceptances")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    n_seeds = 1 if args.quick else args.seeds
    photos = Photos(SHARED / "photos" / "trashnet")
    points = features_of(photos, len(photos))
    result: dict[str, object] = {"photos": compare(points, photos.labels, n_seeds)}
    result["within_interval"] = within_interval(points, photos.labels, 10 if args.quick else 50)
    if not args.quick:
        pixels, [data] = read_npz(SHARED / "cifar10n" / "train10k.npz", ["clean_label"], "clean_label")
        result["cifar10n"] = compare(features_of(pixels, len(pixels)), data.clean, 1)
        result["refit_s_200k"] = refit_s(200_000)
    result["refit_s"] = refit_s(10_000)
    for name in ("photos", "cifar10n"):
        for way, row in dict(result.get(name, {})).items():  # type: ignore[call-overload]
            print(f"{name:9} {way:12} " + "  ".join(f"{key} {value:,.0f}" for key, value in row.items()))
    table: dict[str, dict[str, float]] = result["photos"]  # type: ignore[assignment]
    result["presses_ratio_95"] = round(table["ours"]["presses_95"] / table["one_by_one"]["presses_95"], 3)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
