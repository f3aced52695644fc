"""Answers by the model beside this file.

    python predict.py PICTURE...   the label of each picture, and its probability
    python predict.py --json PICTURE...   the probability of every label
    python predict.py --check   whether this machine gives the answers that were expected when the model was exported

Needs onnxruntime, pillow and numpy; pi-heif for HEIC files.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from curate import square

HERE = Path(__file__).parent


class Model:
    """The graph in `path`, with its labels in the order of the probabilities."""

    def __init__(self, path: Path = HERE / "model.onnx") -> None:
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        facts = self.session.get_modelmeta().custom_metadata_map
        self.labels: list[str] = json.loads(facts["labels"])
        self.preprocessing = json.loads(facts["preprocessing"])

    def predict(self, picture: Path | bytes) -> np.ndarray:
        """(C,) float32 probabilities. Raises one of `square.DECODE_ERRORS` for a file that is no picture."""
        pixels = square.read_square(picture, self.preprocessing["side_px"], self.preprocessing["resize"])
        answer: np.ndarray = self.session.run(["probabilities"], {"pixels": pixels[None]})[0][0]
        return answer


def check(model: Model) -> int:
    """How many of the golden pictures get another answer than expected; prints the largest difference of each."""
    expected = json.loads((HERE / "golden" / "expected.json").read_text())
    n_wrong = 0
    for name, probabilities in expected["probabilities"].items():
        if name.endswith(".heic") and not square.HAS_HEIF:
            print(f"{name}: left out, for pi-heif is not installed")
            continue
        difference = float(np.abs(model.predict(HERE / "golden" / name) - np.array(probabilities)).max())
        is_right = difference <= expected["tolerance"]
        n_wrong += not is_right
        print(f"{name}: {'ok' if is_right else 'DIFFERENT'} (largest difference {difference:.1e})")
    return n_wrong


def main() -> int:
    """0, or 1 when something could not be read or was answered otherwise than expected."""
    parser = argparse.ArgumentParser(description="Answers by the model beside this file.")
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--json", action="store_true", help="every label's probability")
    parser.add_argument("--check", action="store_true", help="compare with the answers expected")
    chosen = parser.parse_args()
    model = Model()
    if chosen.check:
        return 1 if check(model) else 0
    n_bad = 0
    for picture in chosen.pictures:
        try:
            answer = model.predict(picture)
        except square.DECODE_ERRORS as error:
            n_bad += 1
            print(f"{picture}: {error}", file=sys.stderr)
            continue
        if chosen.json:
            by_label = dict(zip(model.labels, answer.tolist(), strict=True))
            print(json.dumps({"file": str(picture), "probabilities": by_label}, ensure_ascii=False))
        else:
            print(f"{picture}: {model.labels[int(answer.argmax())]} ({answer.max():.1%})")
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
