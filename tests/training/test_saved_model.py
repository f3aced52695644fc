"""What stands in a run's folder can be read again, also when an earlier version wrote it."""

import json

import numpy as np
import pytest

from curate.errors import BadInput, NotFound
from curate.training import saved_model
from curate.training.settings.config import TrainConfig

FACTS = saved_model.ModelFacts(["cats", "dogs"], TrainConfig(), [0.5] * 3, [0.2] * 3, {"accuracy": 0.9})
PROBABILITIES = np.array([[0.25, 0.75]], dtype=np.float32)


def networks(n):
    return ({"weight": np.full((2, 3), number, dtype=np.float32)} for number in range(n))


def test_every_member_of_an_ensemble_is_kept(tmp_path):
    saved_model.write_model(tmp_path, FACTS, networks(3), PROBABILITIES)
    facts = saved_model.read_facts(tmp_path)
    assert facts.n_snapshots == 2
    assert (facts.labels, facts.config, facts.metrics) == (FACTS.labels, FACTS.config, FACTS.metrics)
    assert [saved_model.read_weights(tmp_path, member)["weight"][0, 0] for member in range(3)] == [0, 1, 2]
    assert np.load(tmp_path / saved_model.PROBABILITIES).tolist() == PROBABILITIES.tolist()
    with pytest.raises(NotFound):
        saved_model.read_weights(tmp_path, 3)


def test_a_model_of_the_first_format_is_read_as_one_network(tmp_path):
    saved_model.write_model(tmp_path, FACTS, networks(1), PROBABILITIES)
    path = tmp_path / "model.json"
    old = json.loads(path.read_text()) | {"format": 1}
    del old["n_snapshots"]
    old["config"] = {"architecture": "resnet18", "size_px": 96}
    path.write_text(json.dumps(old))
    facts = saved_model.read_facts(tmp_path)
    assert (facts.n_snapshots, facts.config) == (0, TrainConfig(size_px=96))
    path.write_text(json.dumps(old | {"format": 4}))
    with pytest.raises(BadInput, match="in format 4; this Curate reads format 1 to 3"):
        saved_model.read_facts(tmp_path)
