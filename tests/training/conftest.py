"""Pictures of noise that can be told apart by their brightness, and a watcher that remembers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

N, SIDE = 48, 32


@pytest.fixture(scope="session")
def noise(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], np.ndarray, np.ndarray]:
    """(paths, labels, is_valid) of 48 pictures, dark and bright in turns; 36 to train on, 12 held out."""
    folder, rng = tmp_path_factory.mktemp("noise"), np.random.default_rng(0)
    paths = [folder / f"{i}.png" for i in range(N)]
    for i, path in enumerate(paths):
        Image.fromarray((rng.integers(0, 160, (SIDE, SIDE, 3)) + (i % 2) * 60).astype(np.uint8)).save(path)
    return paths, np.arange(N) % 2, np.arange(N) % 4 == 0


@pytest.fixture
def failing_batches(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`failing_batches(check)`: check(learn) is called where a batch goes through the network, and may raise."""
    from fastai.learner import Learner

    compute = Learner._do_one_batch

    def set_check(check: Callable[[Learner], None]) -> None:
        def checked(learn: Learner) -> None:
            check(learn)
            compute(learn)

        monkeypatch.setattr(Learner, "_do_one_batch", checked)

    return set_check
