"""What tests of several folders make: types, pages opened by a test, runs and pictures made by hand."""

from pathlib import Path

import numpy as np

LabelledPictures = tuple[list[Path], np.ndarray, np.ndarray]  # paths, (N,) labels, (N,) True = held out
