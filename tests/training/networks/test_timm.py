"""timm's networks: the stored table against the library, their weights, and a training with them."""

from dataclasses import asdict

import numpy as np
import pytest

from curate.errors import BadInput, NoWeights
from curate.training import saved_model
from curate.training.networks import architectures, timm_networks
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

# Small ones of every kind that is handled differently: convolutions, channels last, a fixed size.
SAMPLE = ["test_resnet", "test_convnext", "test_vit", "swin_tiny_patch4_window7_224", "mobilenetv4_conv_small"]


def test_the_table_lists_every_network_of_timm_but_those_that_do_not_fit_fastais_head():
    import timm

    listed = timm_networks.networks()
    assert list(listed) == [name for name in timm.list_models() if name in listed]
    assert {name for name in timm.list_models() if name not in listed} == {
        "deepseek_vit_412m_enc", "gemma4_vit_167m_enc", "gemma4_vit_570m_enc", "qwen3_vit_88m_enc",
        "qwen3_vit_306m_enc", "qwen3_vit_416m_enc",
    }  # fmt: skip


@pytest.mark.parametrize("name", SAMPLE)
def test_a_row_is_what_is_measured_now(name):
    from curate.training.networks.timm_table import measure

    row = {column: value for column, value in asdict(timm_networks.networks()[name]).items() if column != "tags"}
    now = measure(name)
    assert " ".join(timm_networks.networks()[name].tags) == now.pop("tags")
    assert row == now


@pytest.mark.parametrize("name", SAMPLE)
def test_a_network_of_timm_is_cut_into_body_and_head(name):
    import torch

    from curate.training.networks.build import create_network, splitter

    row = architectures.find(name)
    with torch.device("meta"):
        network = create_network(name, 10, row.fixed_px or 224)
    groups = [sum(each.numel() for each in group) / 1e6 for group in splitter(name)(network)]
    assert groups == pytest.approx(row.groups_m, abs=0.006)
    assert row.group_names == ("body", "head")


def test_names_are_found_with_and_without_a_tag_and_searched():
    assert architectures.find("resnet18").library == "torchvision"
    assert architectures.find("timm/resnet18").library == "timm"
    tagged = architectures.find("resnet50d.a1_in1k")
    assert tagged.hub == "timm/resnet50d.a1_in1k"
    assert "convnextv2_atto" in architectures.search("convnext atto")
    assert architectures.search("resnet18")[0] == "resnet18"
    assert "timm/resnet18" in architectures.all_names()
    with pytest.raises(BadInput, match="no architecture `resnet50d.nobody`"):
        architectures.find("resnet50d.nobody")
    with pytest.raises(BadInput, match="no architecture `convnextv9`") as refused:
        architectures.find("convnextv9")
    assert "convnext" in refused.value.hint


def test_weights_in_the_hub_cache_are_at_hand(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    assert architectures.find_weights("test_resnet") is None
    hub = architectures.find("test_resnet").hub
    place = tmp_path / "hub" / f"models--{hub.replace('/', '--')}" / "snapshots" / "0123"
    place.mkdir(parents=True)
    (place / "model.safetensors").touch()
    assert architectures.find_weights("test_resnet") == place / "model.safetensors"


def test_the_hub_cache_is_where_the_hub_says_it_is(monkeypatch, tmp_path):
    import subprocess
    import sys

    for name, value in (("HF_HUB_CACHE", None), ("HF_HOME", str(tmp_path / "h")), ("XDG_CACHE_HOME", str(tmp_path))):
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    code = "import huggingface_hub.constants as c; print(c.HF_HUB_CACHE)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert str(architectures.hub_cache()) == answer


def test_ones_own_weights_are_used_and_wrong_ones_refused(tmp_path, monkeypatch):
    import timm
    import torch

    from curate.training.networks.build import create_network

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    whole = timm.create_model("test_resnet")
    torch.save(whole.state_dict(), tmp_path / "test_resnet.pth")
    network = create_network("test_resnet", 3, pretrained=True)
    assert torch.equal(network.get_parameter("0.model.conv1.0.weight"), whole.get_parameter("conv1.0.weight"))
    torch.save(timm.create_model("test_convnext").state_dict(), tmp_path / "test_resnet.pth")
    with pytest.raises(NoWeights, match=r"test_resnet.pth` does not hold weights for `test_resnet`"):
        create_network("test_resnet", 3, pretrained=True)
    (tmp_path / "test_resnet.pth").write_bytes(b"nothing of the kind")
    with pytest.raises(NoWeights, match="does not hold weights"):
        create_network("test_resnet", 3, pretrained=True)


def test_a_training_with_one_of_timms_at_another_size_than_it_was_made_for(
    noise: LabelledPictures, tmp_path, monkeypatch
):
    import timm
    import torch

    from curate.prediction.model import load_model
    from curate.training.fitting.run import train

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "test_vit.pth")
    config = TrainConfig("test_vit", size_px=64, epochs=1, batch_size=8, precision="float32")
    result = train(*noise, ["dark", "bright"], config, tmp_path / "run")
    assert [row.phase for row in result.epochs] == ["frozen", "unfrozen"]
    # Not ImageNet's, as fastai takes them from timm for this network.
    assert saved_model.read_facts(tmp_path / "run").mean == [0.5, 0.5, 0.5]
    model = load_model(tmp_path / "run")
    predicted = model.predict([model.prepare(path) for path in noise[0]])
    np.testing.assert_allclose(predicted, result.probabilities, atol=1e-5)
    with pytest.raises(BadInput, match="cannot be made for pictures of 50 px") as refused:
        train(*noise, ["dark", "bright"], TrainConfig("test_vit", size_px=50, pretrained=False), tmp_path / "odd")
    assert "160 px" in refused.value.hint


def test_weights_that_cannot_be_downloaded_are_said_at_once(tmp_path, monkeypatch):
    from curate.training.networks.build import create_network

    monkeypatch.setenv("HF_HOME", str(tmp_path))
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: refused at once
    with pytest.raises(NoWeights, match="for `test_vit` are not on this machine and could not be downloaded") as code:
        create_network("test_vit", 3, 160, pretrained=True)
    assert "from scratch" in code.value.hint
