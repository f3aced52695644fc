"""What we hang into fastai's training loop for reduced precision on processors."""

import torch
from fastai.callback.core import Callback
from fastai.torch_core import to_float


class Bfloat16(Callback):
    """Training steps in bfloat16 autocast; validation and scoring stay float32, so every figure shown is exact.

    fastai's own MixedPrecision knows only CUDA, and validates in reduced precision too.
    """

    order = 10

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.cast = torch.autocast(kind, dtype=torch.bfloat16)
        self.is_open = False

    def before_batch(self) -> None:
        """Begin, in training."""
        if self.training:
            self.cast.__enter__()
            self.is_open = True

    def after_pred(self) -> None:
        """The loss is computed in float32."""
        if self.is_open:
            self.learn.pred = to_float(self.pred)

    def after_loss(self) -> None:
        """End; the backward pass takes each operation's own precision."""
        if self.is_open:
            self.is_open = False
            self.cast.__exit__(None, None, None)
