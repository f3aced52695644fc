"""What each frozen network brings to a quick look, and what it costs: the table behind the default.

    python -m benchmarks.networks [--quick] [--weights DIR]

Every network of NETWORKS whose weights are at hand, alone, and the best ones joined; pictures at 160 px, as the quick
look has them (`pixels`: 32). ap_mild, ap_severe: average precision of the doubts on 10,000 images of cifar10n with the
labels people gave, 9 and 40 % wrong. ap_swapped: mean over 2,527 photos with 5 and 20 % of the labels swapped, at
random and between similar ones. accuracy: of the quick look on a third of the photos, which it has not seen. per_s:
pictures a second of one core's time, decoding not counted. mb: of the weights. Of all but mb, more is better.

Last line, JSON: {network: {ap_mild, ap_severe, ap_swapped, accuracy, per_s, mb}}. --quick: every sixth image of
cifar10n, one seed of swaps, single networks only.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks import doubt_data
from benchmarks.doubt_data import LabelSet, Photos, Pixels
from curate.doubts import projection
from curate.doubts.assess import assess
from curate.doubts.projection import Principal
from curate.embeddings import embed, quick_look_head
from curate.embeddings.embed import Recipe
from curate.training.networks import architectures

SHARED = Path("../shared/data")
NETWORKS = ("pixels", "squeezenet1_1", "mobilenet_v2", "tf_efficientnet_lite0", "tf_efficientnet_lite2")
JOINED = (NETWORKS[2:4], NETWORKS[2:])
SIZE_PX = 160
BATCH = 32

Row = dict[str, float]


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    options = _options()
    os.environ.setdefault("CURATE_WEIGHTS", str(options.weights.resolve()))
    pictures, sets = doubt_data.read_npz(
        SHARED / "cifar10n" / "train10k.npz", ["aggre_label", "worse_label"], "clean_label"
    )
    if options.quick:
        pictures = Pixels(pictures.images[::6])
        sets = [LabelSet(one.name, one.given[::6], one.clean[::6], one.n_labels) for one in sets]
    photos = Photos(SHARED / "photos" / "trashnet")
    at_hand = [name for name in NETWORKS if name == "pixels" or architectures.find_weights(name)]
    seen = {name: (see(pictures, name), see(photos, name)) for name in at_hand}
    swaps = list(doubt_data.swapped(photos, seen[at_hand[-1]][1][0], options.quick))
    rows: dict[str, Row] = {}
    for names in [(name,) for name in at_hand] + ([] if options.quick else list(JOINED)):
        if all(name in seen for name in names):
            rows[" + ".join(names)] = row = measure([seen[name] for name in names], sets, photos, swaps)
            row["mb"] = round(sum(_megabytes(name) for name in names), 1)
            print(f"{' + '.join(names):<60} {json.dumps(row)}", flush=True)
    print(json.dumps(rows))


def see(pictures: Any, name: str) -> tuple[np.ndarray, float]:
    """(N, D) float16 features, and the seconds they took, without making the pictures."""
    size_px = 32 if name == "pixels" else SIZE_PX
    function = embed.load_network(Recipe(name, size_px, "squish"), is_alone=True)
    parts, seconds = [], 0.0
    for first in range(0, len(pictures), BATCH):
        pixels = pictures(first, min(first + BATCH, len(pictures)), size_px)
        began = time.process_time()
        parts.append(function(pixels))
        seconds += time.process_time() - began
    return np.concatenate(parts), seconds


def measure(
    seen: list[tuple[tuple[np.ndarray, float], tuple[np.ndarray, float]]],
    sets: list[LabelSet],
    photos: Photos,
    swaps: list[LabelSet],
) -> Row:
    """The row of one network, or of several joined. seen: of each, features and seconds of images and of photos."""
    of_images, of_photos = (_joined([one[part][0] for one in seen]) for part in (0, 1))
    n = len(of_images) + len(of_photos)
    mild, severe = (_precision(of_images, one) for one in sets)
    return {
        "ap_mild": round(mild, 4),
        "ap_severe": round(severe, 4),
        "ap_swapped": round(float(np.mean([_precision(of_photos, one) for one in swaps])), 4),
        "accuracy": round(_accuracy(of_photos, photos.labels, len(photos.names)), 4),
        "per_s": round(n / sum(seconds for one in seen for _, seconds in one), 1),
    }


def _joined(features: list[np.ndarray]) -> np.ndarray:
    """Those of several networks as the thorough look joins them."""
    if len(features) == 1:
        return features[0]
    whole = np.concatenate(features, axis=1)
    return Principal.fit(whole, 512).apply(whole)


def _precision(features: np.ndarray, data: LabelSet) -> float:
    doubt = assess(features, data.given, data.n_labels, np.zeros(len(features), bool)).doubt
    return float(average_precision_score(data.is_wrong, doubt))


def _accuracy(features: np.ndarray, labels: np.ndarray, n_labels: int) -> float:
    """Mean over three splits of the accuracy on the third that the head has not seen."""
    shares = []
    for seed in range(3):
        is_held_out = np.random.default_rng(seed).random(len(labels)) < 1 / 3
        made = projection.fit(features)
        head = quick_look_head.fit(made.mean, made.matrix, features[~is_held_out], labels[~is_held_out], n_labels)
        shares.append((head.predict(features[is_held_out]).argmax(axis=1) == labels[is_held_out]).mean())
    return float(np.mean(shares))


def _megabytes(name: str) -> float:
    path = None if name == "pixels" else architectures.find_weights(name)
    return path.stat().st_size / 1e6 if path else 0.0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer images, single networks")
    parser.add_argument("--weights", type=Path, default=SHARED / "weights", help="pretrained weights")
    return parser.parse_args()


if __name__ == "__main__":
    main()
