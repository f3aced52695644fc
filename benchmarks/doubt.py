"""How many wrong labels each way of looking for them finds, in which order, and how soon; and what is said to be left.

    python -m benchmarks.doubt [--quick] [--million] [--data FILE.npz --given KEY ... --clean KEY] [--weights DIR]

FILE.npz holds `images` (uint8 N x H x W x 3) and integer labels; without it, cifar10n and the photos of ../shared/data
are taken. Per label set and method: ap (average precision), recall_at_n (at the true number of wrong labels),
found_100/300/1000 (wrong ones among the first so many), seconds; ap_other_half is the average precision on those images
on which no setting was chosen. Nothing but these figures looks at the clean labels.

cleanlab and FiftyOne judge five-fold logistic regression on mobilenet_v2 at 160 px, and, as `... on our embeddings`,
the same on all that our heads see. CleanVision looks at pictures and not at labels: it gives no order to compare.
`ours` is the thorough doubt, networks fine-tuned on the other half among its evidence; `ours, without fine-tuning` the
quick one. Their seconds leave out what is made once for every picture (embedding_s; front_s, for the thorough only).
--quick: every sixth image, fastai trained for one epoch. --million: a million made-up embeddings, for memory and time.
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks import doubt_data, doubt_rivals
from benchmarks.doubt_data import LabelSet
from curate.doubts import fine_tuning, multi_view_features, projection, stopping, thorough
from curate.doubts.assess import assess
from curate.doubts.assessment import Assessment
from curate.embeddings.backbones import Backbone

SHARED = Path("../shared/data")
DEPTHS = (100, 300, 1000)
LAST_LAYER = slice(-1280, None)  # of the features of mobilenet_v2


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    options = _options()
    os.environ.setdefault("CURATE_WEIGHTS", str(options.weights))
    result: dict[str, Any] = {}
    if options.data.is_file():
        pictures, sets = doubt_data.read_npz(options.data, options.given, options.clean)
        if options.quick:
            pictures, sets = _sixth(pictures, sets)
        result |= compare(pictures, sets, options)
    if (SHARED / "photos").is_dir() and options.data == SHARED / "cifar10n" / "train10k.npz":
        result["photos"] = compare_photos(options)
    result["million" if options.million else "hundred_thousand"] = measure_size(
        1_000_000 if options.million else 100_000
    )
    print(json.dumps(result))


def compare(pictures: Any, sets: list[LabelSet], options: argparse.Namespace) -> dict[str, Any]:
    """All methods on label sets over the same pictures, re-ranking, and the estimates of what is left."""
    began = time.perf_counter()
    ours = multi_view_features.describe(pictures, len(pictures))
    result: dict[str, Any] = {"n_images": len(pictures), "embedding_s": _since(began)}
    last = last_layer(pictures)
    began = time.perf_counter()
    activations = fine_tuning.front(pictures, len(pictures))
    result["front_s"] = _since(began)
    for data in sets:
        table = rivals(last, ours, data)
        began = time.perf_counter()
        losses = doubt_rivals.fastai_cleaner(pictures, data, options.weights, epochs=1 if options.quick else 3)
        table["fastai_cleaner"] = scored(losses, data, _since(began))
        assessment, shares = our_rows(table, activations, ours, data)
        for name, scores in assessment.reasons.items():
            table[f"ours, {name} alone"] = scored(scores, data, 0.0)
        result[data.name] = table
        result[f"{data.name}, share of the networks: chosen half, other half"] = shares
        result[f"{data.name}, left"] = left_over(assessment, data)
        result[f"{data.name}, again after 100 decisions"] = {"seconds": rerank(assessment, ours, data)}
        for name, row in table.items():
            print(f"{data.name:>14}  {name:<58} {json.dumps(row)}", flush=True)
    return result


def compare_photos(options: argparse.Namespace) -> dict[str, Any]:
    """Photos with swapped labels: means over seeds by kind of swap; and where the verified wrong photos stand."""
    photos = doubt_data.Photos(SHARED / "photos" / "trashnet")
    began = time.perf_counter()
    ours, last = multi_view_features.describe(photos, len(photos)), last_layer(photos)
    activations = fine_tuning.front(photos, len(photos))
    rows: dict[str, dict[str, list[dict[str, float]]]] = {}
    for data in doubt_data.swapped(photos, ours, options.quick):
        table = rivals(last, ours, data)
        our_rows(table, activations, ours, data)
        if data.name.endswith("seed 0") and not options.quick:
            began_one = time.perf_counter()
            losses = doubt_rivals.fastai_cleaner(photos, data, options.weights)
            table["fastai_cleaner"] = scored(losses, data, _since(began_one))
        for name, row in table.items():
            rows.setdefault(data.name.partition(",")[0], {}).setdefault(name, []).append(row)
    means = {
        kind: {name: {key: round(float(np.mean([row[key] for row in sets])), 4) for key in sets[0]}
               for name, sets in table.items()}
        for kind, table in rows.items()
    }  # fmt: skip
    for kind, table in means.items():
        for name, row in table.items():
            print(f"{kind:>20}  {name:<58} {json.dumps(row)}", flush=True)
    return {"n_images": len(photos), "all_s": _since(began), **means, "verified_at": _verified(photos, ours)}


def our_rows(
    table: dict[str, dict[str, float]], activations: np.ndarray, embeddings: np.ndarray, data: LabelSet
) -> tuple[Assessment, dict[str, list[float]]]:
    """Adds ours without and with fine-tuned networks to the table; gives back the latter, and the mixes."""
    began, is_valid = time.perf_counter(), np.zeros(len(data.given), dtype=bool)
    given = (embeddings, data.given, data.n_labels, is_valid)
    quick = assess(*given)
    table["ours, without fine-tuning"] = scored(quick.doubt, data, _since(began))
    began = time.perf_counter()
    first, tuned = thorough.fine_tuned(activations, *given)
    assessment = assess(*given, previous=first, fine_tuned=tuned.probabilities, dynamics=tuned.dynamics)
    table["ours"] = scored(assessment.doubt, data, _since(began))
    return assessment, by_share(quick.probabilities, tuned.probabilities, data)


def by_share(by_heads: np.ndarray, fine_tuned: np.ndarray, data: LabelSet) -> dict[str, list[float]]:
    """Average precision on the half on which the share of the fine-tuned networks was chosen, and on the other half."""
    rows, chosen, precisions = np.arange(len(data.given)), chosen_half(len(data.given)), {}
    for share in (0.0, 0.3, 0.5, 0.7, 1.0, 1.5):
        doubts = -(by_heads + share * fine_tuned)[rows, data.given]
        halves = [average_precision_score(data.is_wrong[half], doubts[half]) for half in (chosen, ~chosen)]
        precisions[str(share)] = [round(float(one), 4) for one in halves]
    return precisions


def rivals(last: np.ndarray, ours: np.ndarray, data: LabelSet) -> dict[str, dict[str, float]]:
    """Every rule on probabilities, twice: on the last layer of mobilenet_v2, and on our embeddings."""
    table = {}
    fit = projection.fit(ours).apply(ours)  # the best form of ours that we know, else the rivals would lose by it
    for where, embeddings in (("", last), (" on our embeddings", fit)):
        began = time.perf_counter()
        probabilities = doubt_rivals.probabilities(embeddings, data.given)
        seconds = _since(began)
        for name, rule in doubt_rivals.BY_PROBABILITIES.items():
            table[name + where] = scored(rule(probabilities, data.given), data, seconds)
    return table


def scored(scores: np.ndarray, data: LabelSet, seconds: float) -> dict[str, float]:
    """The figures of one order; ties are broken by row, which says nothing."""
    wrong = data.is_wrong
    errors = np.cumsum(wrong[np.argsort(-scores, kind="stable")])
    other = ~chosen_half(len(wrong))
    return {
        "ap": round(float(average_precision_score(wrong, scores)), 4),
        "ap_other_half": round(float(average_precision_score(wrong[other], scores[other])), 4),
        "recall_at_n": round(float(errors[wrong.sum() - 1] / wrong.sum()), 4),
        **{f"found_{depth}": int(errors[min(depth, len(errors)) - 1]) for depth in DEPTHS},
        "seconds": seconds,
    }


def chosen_half(n: int) -> np.ndarray:
    """(n,) bool: the images on which settings were chosen."""
    return np.random.default_rng(0).permutation(n) < n // 2


def left_over(assessment: Assessment, data: LabelSet, seeds: int = 10) -> dict[str, Any]:
    """After the 300 most doubtful of a random 80 % of the images: the estimate of wrong labels left, and the truth."""
    rows, covered, errors = [], 0, []
    for seed in range(seeds):
        some = np.random.default_rng(seed).permutation(len(data.given))[: int(0.8 * len(data.given))]
        order = some[np.argsort(-assessment.doubt[some], kind="stable")]
        seen, rest = order[:300], order[300:]
        outlook = stopping.look_ahead(
            assessment.doubt[seen], data.is_wrong[seen], stopping.histogram(assessment.doubt[rest])
        )
        truth = int(data.is_wrong[rest].sum())
        covered += outlook.left.low <= truth <= outlook.left.high
        errors.append(abs(outlook.left.value - truth) / max(1, truth))
        rows.append([truth, *(round(end) for end in (outlook.left.value, outlook.left.low, outlook.left.high))])
    return {
        "truth_estimate_low_high": rows,
        "covered_of_10": covered,
        "within_20_percent_of_10": int((np.array(errors) <= 0.2).sum()),
        "mean_error": round(float(np.mean(errors)), 3),
    }


def rerank(assessment: Assessment, embeddings: np.ndarray, data: LabelSet) -> float:
    """Seconds to assess again after the 100 most doubtful were decided by the truth."""
    given, decided = data.given.copy(), np.argsort(-assessment.doubt)[:100]
    given[decided] = data.clean[decided]
    checked = np.zeros(len(given), dtype=bool)
    checked[decided] = True
    began = time.perf_counter()
    assess(embeddings, given, data.n_labels, np.zeros(len(given), dtype=bool), None, checked, assessment)
    return _since(began)


def measure_size(n: int) -> dict[str, Any]:
    """Seconds and peak memory of this process for n made-up images of 20 labels, 10 % of them wrong."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 20, n)
    middles = rng.normal(size=(20, 512)).astype(np.float32)
    embeddings = np.empty((n, 512), dtype=np.float16)
    for first in range(0, n, 50_000):
        part = labels[first : first + 50_000]
        embeddings[first : first + 50_000] = 0.25 * middles[part] + rng.standard_normal((len(part), 512), np.float32)
    given = np.where(rng.random(n) < 0.1, (labels + 1) % 20, labels)
    began = time.perf_counter()
    assessment = assess(embeddings, given, 20, np.zeros(n, dtype=bool))
    seconds, began = _since(began), time.perf_counter()
    assess(embeddings, given, 20, np.zeros(n, dtype=bool), previous=assessment)
    return {
        "n_images": n,
        "seconds": seconds,
        "again_seconds": _since(began),
        "ap": round(float(average_precision_score(given != labels, assessment.doubt)), 3),
        "embeddings_gb": round(embeddings.nbytes / 1e9, 2),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def last_layer(pictures: Any) -> np.ndarray:
    """(N, 1280) float16: the last layer of mobilenet_v2 at 160 px."""
    network = Backbone("mobilenet_v2", 160)
    parts = (pictures(first, min(first + 32, len(pictures)), 160) for first in range(0, len(pictures), 32))
    return np.concatenate([network.features(part)[:, LAST_LAYER] for part in parts])


def _verified(photos: doubt_data.Photos, ours: np.ndarray) -> dict[str, int]:
    """The place of each verified wrong photo in the order of doubt, from 1."""
    known = json.loads((SHARED / "photos" / "known_errors.json").read_text())["verified"]
    doubts = assess(ours, photos.labels, len(photos.names), np.zeros(len(photos), dtype=bool)).doubt
    places = np.empty(len(doubts), dtype=int)
    places[np.argsort(-doubts, kind="stable")] = np.arange(1, len(doubts) + 1)
    names = [str(file.relative_to(file.parents[1])) for file in photos.files]
    return {one["file"]: int(places[names.index(one["file"])]) for one in known}


def _sixth(pictures: doubt_data.Pixels, sets: list[LabelSet]) -> tuple[doubt_data.Pixels, list[LabelSet]]:
    some = slice(None, None, 6)
    return doubt_data.Pixels(pictures.images[some]), [
        LabelSet(one.name, one.given[some], one.clean[some], one.n_labels) for one in sets
    ]


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every sixth image, one epoch for fastai")
    parser.add_argument("--million", action="store_true", help="a million made-up embeddings instead of 100,000")
    parser.add_argument("--data", type=Path, default=SHARED / "cifar10n" / "train10k.npz")
    parser.add_argument("--given", nargs="+", default=["aggre_label", "worse_label"], help="keys of given labels")
    parser.add_argument("--clean", default="clean_label", help="key of the true labels")
    parser.add_argument("--weights", type=Path, default=SHARED / "weights", help="pretrained weights")
    options = parser.parse_args()
    options.weights = options.weights.resolve()
    return options


if __name__ == "__main__":
    main()
