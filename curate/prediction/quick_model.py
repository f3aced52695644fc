"""A quick look's model brought back: the frozen network of its settings, and the head from the run's folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate.embeddings import pixel_features
from curate.embeddings.embed import recipe_of
from curate.embeddings.quick_look_head import QuickHead
from curate.errors import BadInput
from curate.pictures import Source, read_square
from curate.training import saved_model
from curate.training.networks.architectures import PIXELS

if TYPE_CHECKING:
    from curate.embeddings.backbones import Backbone


class QuickModel:
    """A head over a network (None: over plain `pixels`), with its labels and how its pictures were prepared."""

    def __init__(self, facts: saved_model.ModelFacts, backbone: "Backbone | None", head: QuickHead) -> None:
        self.facts = facts
        self._recipe = recipe_of(facts.config)
        self._backbone, self._head = backbone, head
        self._see = pixel_features.features if backbone is None else backbone.features

    @property
    def labels(self) -> list[str]:
        """Label names in the order of the columns that `predict` gives."""
        return self.facts.labels

    def prepare(self, source: Source) -> np.ndarray:
        """(H, W, 3) uint8: a picture file decoded and fitted as for the quick look. Raises BadPicture."""
        return read_square(source, self._recipe.size_px, self._recipe.resize)

    def predict(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """(n, C) float32 probabilities of prepared pictures; rows sum to 1."""
        if not pictures:
            return np.zeros((0, len(self.labels)), np.float32)
        return self._head.predict(self._see(np.stack(pictures)))

    def heat(self, picture: np.ndarray, labels: Sequence[int]) -> np.ndarray:
        """(L, h, w) float32: at each place of a prepared picture, what speaks for each of the L label positions.

        Grad-CAM by hand: the head's score of a label, differentiated by the averages of the last layer, weights what
        that layer saw at each place, less what it sees on average. The earlier layers' averages, which the head knows
        as well, have no part in it. Raises BadInput where there are no places.
        """
        last = None if self._backbone is None else self._backbone.last_layer(picture)
        if last is None or min(last.shape[:2]) < 2:
            what = "`pixels`" if self._recipe.architecture == PIXELS else f"`{self._recipe.architecture}`"
            raise BadInput(
                f"There is no heat map: what {what} says of a picture cannot be traced back to places in it.",
                "Train a network, or take a quick look with another network.",
            )
        embedding, n = self._see(picture[None])[0], last.shape[2]
        beyond = last - self._head.mean[-n:]
        return np.maximum(np.stack([beyond @ self._head.gradient(embedding, label)[-n:] for label in labels]), 0)


def load_quick_model(folder: Path) -> QuickModel:
    """The model that a quick look left in `folder`. Raises NotFound, BadInput, and NoWeights when the network's are no
    longer on this machine."""
    facts, head = saved_model.read_facts(folder), QuickHead(**saved_model.read_weights(folder))
    recipe = recipe_of(facts.config)
    if recipe.architecture == PIXELS:
        return QuickModel(facts, None, head)
    from curate.embeddings.backbones import Backbone

    return QuickModel(facts, Backbone(recipe.architecture, recipe.size_px), head)
