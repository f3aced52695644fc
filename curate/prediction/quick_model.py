"""A quick look's model brought back: the frozen network of its settings, and the head from the run's folder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from curate.pictures import Source, open_reduced
from curate.training import saved
from curate.training.cache import fitted
from curate.training.embedding import Network, network, recipe_of
from curate.training.quick_head import QuickHead


class QuickModel:
    """A head over a network, with its labels and the very way in which its pictures were prepared."""

    def __init__(self, facts: saved.ModelFacts, see: Network, head: QuickHead) -> None:
        self.facts = facts
        self._recipe = recipe_of(facts.config)
        self._see, self._head = see, head

    @property
    def labels(self) -> list[str]:
        """Label names in the order of the columns that `predict` gives."""
        return self.facts.labels

    def prepare(self, source: Source) -> np.ndarray:
        """(H, W, 3) uint8: a picture file decoded and fitted as for the quick look. Raises BadPicture."""
        return fitted(open_reduced(source, self._recipe.size_px), self._recipe.size_px, self._recipe.resize)

    def predict(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(n, C) float32 probabilities of prepared pictures; rows sum to 1."""
        if not pictures:
            return np.zeros((0, len(self.labels)), np.float32)
        return self._head.predict(self._see(np.stack(pictures)))


def load_quick_model(folder: Path) -> QuickModel:
    """The model that a quick look left in `folder`. Raises NotFound, BadInput, and NoWeights when the network's are no
    longer on this machine."""
    facts, head = saved.read_facts(folder), QuickHead(**saved.read_weights(folder))
    return QuickModel(facts, network(recipe_of(facts.config)), head)
