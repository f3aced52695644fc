"""What the user would run instead: the notebook's own fastai code, timed part by part, in a process of its own.

    python -m benchmarks.loop_notebook FOLDER --seed 0 --epochs 1

FOLDER is an ImageFolder tree with train/ and valid/. Imports are not counted: a notebook has them already. Prints one
JSON object: seconds of each part, seconds of each epoch, and the validation accuracy.
"""

import argparse
import json
import time
import warnings

warnings.filterwarnings("ignore")

import fastai.callback.schedule  # noqa: E402, F401
import torch  # noqa: E402
from fastai.callback.core import Callback  # noqa: E402
from fastai.interpret import ClassificationInterpretation  # noqa: E402
from fastai.metrics import accuracy  # noqa: E402
from fastai.torch_core import set_seed  # noqa: E402
from fastai.vision.augment import Resize  # noqa: E402
from fastai.vision.data import ImageDataLoaders  # noqa: E402
from fastai.vision.learner import vision_learner  # noqa: E402
from fastai.vision.models import squeezenet1_1  # noqa: E402


class Clock(Callback):
    """Seconds of each epoch's training part (the decoding, the steps; not the validation)."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def before_train(self) -> None:
        """Start."""
        self.began = time.monotonic()

    def after_train(self) -> None:
        """Stop."""
        self.seconds.append(time.monotonic() - self.began)


def main() -> None:
    """Run the notebook's cells from `ImageDataLoaders` to the cleaner's scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1)
    args = parser.parse_args()
    set_seed(args.seed, reproducible=True)
    parts: dict[str, float] = {}
    began, clock = time.monotonic(), Clock()

    def done(part: str) -> None:
        parts[part] = round(time.monotonic() - began - sum(parts.values()), 2)

    loaders = ImageDataLoaders.from_folder(args.folder, valid="valid", item_tfms=Resize(224), seed=args.seed)
    learn = vision_learner(loaders, squeezenet1_1, metrics=accuracy)
    learn.remove_cbs([cb for cb in learn.cbs if cb.name == "progress"])
    learn.add_cb(clock)
    done("loaders")
    learn.fine_tune(args.epochs)
    done("train")
    interpretation = ClassificationInterpretation.from_learner(learn)
    interpretation.confusion_matrix()
    interpretation.top_losses(48)
    done("interpret")
    for split in (0, 1):  # as ImageClassifierCleaner does
        learn.get_preds(ds_idx=split, with_input=False, with_loss=True, with_decoded=True)
    done("cleaner")
    right = float(interpretation.learn.validate()[1])
    result = {"seconds": sum(parts.values()), "parts": parts, "epochs": clock.seconds, "accuracy": right}
    print(json.dumps(result | {"threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
