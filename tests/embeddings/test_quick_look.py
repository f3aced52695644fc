"""Which network a quick look takes by itself."""

import pytest

from curate.embeddings import quick_look


@pytest.fixture
def weights(tmp_path, monkeypatch):
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def test_the_first_network_whose_weights_are_at_hand_is_taken_for_pictures_of_any_size(weights):
    (weights / "squeezenet1_1.pth").touch()
    assert [quick_look.default(px).architecture for px in (32, 500)] == ["squeezenet1_1"] * 2
    (weights / "mobilenet_v2.safetensors").touch()
    assert quick_look.default(500).architecture == "mobilenet_v2"
    (weights / "tf_efficientnet_lite0.safetensors").touch()
    assert quick_look.default(500).architecture == "tf_efficientnet_lite0"


def test_with_no_weights_tiny_pictures_need_none_and_others_a_download(weights):
    assert [quick_look.default(px).architecture for px in (32, 96, 97)] == ["pixels", "pixels", "tf_efficientnet_lite0"]


def test_what_is_taken_by_itself_can_be_tried(weights):
    for px in (32, 500):
        assert quick_look.default(px).validated().method == "quick_look"
