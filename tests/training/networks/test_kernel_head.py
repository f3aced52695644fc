"""The head of stock layers is kernel ridge regression, and the bodies before it give what a quick look sees."""

from pathlib import Path

import numpy as np
import pytest
import torch

from curate.embeddings import backbones, quick_look_head
from curate.training.networks import kernel_head
from curate.training.networks.build import create_network
from curate.training.networks.kernel_head import Size


def test_stock_layers_give_the_probabilities_of_kernel_ridge_regression() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(1, 2, (40, 30)).astype(np.float32)
    matrix = rng.normal(0, 1, (30, 7)).astype(np.float32)
    fitted = quick_look_head.fit(features.mean(axis=0), matrix, features, np.arange(40) % 3, 3)
    head = kernel_head.create(30, Size(7, 40), 3, keeps_places=True)
    parts = (fitted.mean, fitted.matrix, fitted.points, fitted.solved)
    kernel_head.fill(head, *parts, quick_look_head.SHARPNESS, float(fitted.temperature[0]))
    others = rng.normal(1, 2, (9, 30)).astype(np.float32)
    with torch.inference_mode():
        given = head(torch.from_numpy(others)[:, :, None, None]).softmax(dim=1).numpy()
    np.testing.assert_allclose(given, fitted.predict(others), atol=1e-4)
    assert np.ptp(given, axis=0).min() > 0.1
    assert {type(layer).__module__.partition(".")[0] for layer in head} == {"torch"}


def test_a_row_of_features_at_their_mean_has_an_answer() -> None:
    head = kernel_head.create(4, Size(2, 5), 3, keeps_places=False)
    ones = np.ones((4, 2), np.float32)
    kernel_head.fill(head, np.ones(4, np.float32), ones, np.zeros((5, 2)), np.zeros((5, 3)), 2.0, 4.0)
    with torch.inference_mode():
        assert torch.allclose(head(torch.ones(1, 4)), torch.full((1, 3), 4 / 3))


@pytest.mark.parametrize("size_px", [96, 80])
@pytest.mark.parametrize("architecture", ["squeezenet1_1", "mobilenet_v2", "tf_efficientnet_lite0"])
def test_the_body_gives_the_averages_that_a_quick_look_reads(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, size_px: int
) -> None:
    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))
    network = create_network(architecture, 3, size_px, pretrained=True, kernel=Size(4, 10)).eval()
    quick = backbones.load_network(architecture, size_px)[0].eval()
    pictures = torch.randn(2, 3, size_px, size_px, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        answer, expected = next(network.children())(pictures), quick(pictures)
        assert network(pictures).shape == (2, 3)
    assert answer.shape[:2] == expected.shape and min(answer.shape[2:]) >= 2
    means = answer.mean(dim=(2, 3))
    # Where 80 px do not halve evenly, averages over places that overlap are near those over the picture.
    spread = float((means - expected).abs().mean() / expected.abs().mean())
    assert spread < (1e-3 if size_px == 96 and architecture != "squeezenet1_1" else 0.1)


def test_names_and_layer_groups_are_those_of_fastais_body() -> None:
    from curate.training.networks.build import splitter

    plain, kernel = (create_network("mobilenet_v2", 3, 64, kernel=size) for size in (None, Size(4, 10)))
    names = [{name for name in network.state_dict() if name.startswith("0.")} for network in (plain, kernel)]
    assert names[0] == names[1]
    groups = [[len(group) for group in splitter("mobilenet_v2")(network)] for network in (plain, kernel)]
    assert groups[0][:2] == groups[1][:2]
    assert kernel_head.size_of(kernel.state_dict()) == Size(4, 10)


@pytest.mark.parametrize("name", ["deit_tiny_patch16_224", "swin_s3_tiny_224"])
def test_a_network_without_stages_has_the_head_on_its_last_layer(name: str) -> None:
    network = create_network(name, 3, 224, kernel=Size(4, 10)).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 224, 224)).shape == (2, 3)
