"""The frozen networks: the same as torchvision's, a picture at a time or in company, and never without weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from curate import settings
from curate.embeddings import backbones, embed, mobilenet
from curate.embeddings.embed import Recipe
from curate.errors import NoWeights


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    """mobilenet_v2 with random weights, its normalisations different from doing nothing."""
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    made = mobilenet_v2().eval()
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            module.bias.data.normal_(0, 0.1)
    return made


@pytest.fixture
def weights(network: torch.nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    torch.save(network.state_dict(), tmp_path / "mobilenet_v2.pth")
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    return tmp_path


def noise(n: int, side: int = 48) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def test_our_mobilenet_is_torchvisions(network):
    pictures = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        ours, theirs = mobilenet.mobilenet_v2(network.state_dict())(pictures), network.features(pictures)
    assert torch.allclose(ours, theirs, atol=1e-4)


def test_features_are_the_averages_of_the_last_layer_and_of_those_before_the_picture_shrinks(network):
    pictures = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        output = backbones.Stages(mobilenet.mobilenet_v2(network.state_dict()))(pictures)
        layers = network.features
        expected = [layers[:n](pictures).mean(dim=(2, 3)) for n in (2, 4, 7, 14, 19)]
    assert output.shape == (2, 16 + 24 + 32 + 96 + 1280)
    assert torch.allclose(output, torch.cat(expected, dim=1), atol=1e-4)


def test_a_picture_does_not_depend_on_its_company(weights):
    see = embed.load_network(Recipe("mobilenet_v2", 48, "squish"))
    pictures = noise(35)
    assert np.array_equal(see(pictures)[34:], see(pictures[34:]))
    assert see(pictures).dtype == np.float16


def test_without_weights_it_is_said_what_to_do(monkeypatch, tmp_path):
    (tmp_path / "mobilenet_v2.pth").write_bytes(b"no weights")
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    assert settings.weights_folder() == tmp_path
    with pytest.raises(NoWeights, match="does not hold weights for `mobilenet_v2`") as raised:
        embed.load_network(Recipe("mobilenet_v2", 48, "squish"))
    assert "`pixels`" in raised.value.hint


@pytest.mark.parametrize(("other", "width"), [("resnet18", {}), ("mobilenet_v2", {"width_mult": 0.5})])
def test_weights_of_another_network_are_one_sentence_for_a_quick_look_too(other, width, monkeypatch, tmp_path):
    from torchvision.models import get_model

    torch.save(get_model(other, **width).state_dict(), tmp_path / "mobilenet_v2.pth")
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    with pytest.raises(NoWeights, match=r"mobilenet_v2\.pth` does not hold weights for `mobilenet_v2`"):
        embed.load_network(Recipe("mobilenet_v2", 48, "squish"))


def test_a_network_that_is_only_trained_from_scratch_looks_at_nothing():
    with pytest.raises(NoWeights, match="`small_cnn` is trained from scratch only"):
        embed.load_network(Recipe("small_cnn", 48, "squish"))


def test_of_timms_networks_the_averages_of_every_stage_come_before_the_last_layer() -> None:
    import timm

    torch.manual_seed(0)
    network: Any = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0).eval()
    pictures = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        stages = backbones.TimmStages(network)
        features, places = stages(pictures), stages.last_layer(pictures)
        first = network.bn1(network.conv_stem(pictures))
        expected = network(pictures)
        assert features.shape == (2, 16 + 24 + 40 + 112 + 320 + 1280)
        assert torch.allclose(features[:, :16], network.blocks[0](first).mean(dim=(2, 3)), atol=1e-4)
    assert torch.allclose(features[:, -1280:], expected, atol=1e-4)
    assert torch.allclose(places.mean(dim=(2, 3)), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "size_px", "pool"),
    [("vit_tiny_patch16_224", 64, "token"), ("vit_tiny_patch16_224", 64, "avg"), ("vit_small_patch14_dinov2", 56, "")],
)
def test_a_vision_transformer_gives_the_average_of_its_patches_and_its_class_token(name, size_px, pool) -> None:
    import timm

    torch.manual_seed(0)
    options = {"img_size": size_px} | ({"global_pool": pool} if pool else {})
    network: Any = timm.create_model(name, pretrained=False, num_classes=0, **options).eval()
    pictures = torch.randn(2, 3, size_px, size_px)
    with torch.no_grad():
        stages = backbones.TimmStages(network)
        features, tokens = stages(pictures), network.forward_features(pictures)
        assert stages.last_layer(pictures) is None
        classifier_sees = network(pictures)
    width = tokens.shape[2]
    other = tokens[:, 0] if pool == "avg" else tokens[:, 1:].mean(dim=1)
    assert features.shape == (2, 2 * width) and not torch.allclose(features[:, :width], features[:, width:], atol=1e-3)
    assert torch.allclose(features[:, width:], classifier_sees, atol=1e-5)
    assert torch.allclose(features[:, :width], other, atol=1e-5)
