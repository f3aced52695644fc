"""The table of networks against the libraries it was written down from, and where weights are looked for."""

import pytest

from curate.errors import BadInput, NoWeights
from curate.training.networks import architectures
from tests.factories import LabelledPictures


def test_downloads_are_torchvisions():
    from torchvision.models import get_model_weights

    for row in architectures.ARCHITECTURES:
        if row.checkpoint is None:
            continue
        weights = get_model_weights(row.name).DEFAULT
        assert row.checkpoint == weights.url.rsplit("/", 1)[-1]
        assert row.download_mb == pytest.approx(weights.meta["_file_size"], abs=0.06)


# The others take seconds each to be made; they were measured with the same lines.
@pytest.mark.parametrize(
    "name",
    ["resnet18", "squeezenet1_0", "squeezenet1_1", "densenet121", "xresnet18", "small_cnn", "mobilenet_v2"]
    + ["mobilenet_v3_large", "mobilenet_v3_small", "efficientnet_b0", "convnext_tiny"],
)
def test_parameters_and_smallest_pictures_are_those_of_the_network_fastai_makes(name):
    import torch

    from curate.training.networks.build import create_network, splitter

    row = architectures.find(name)
    with torch.device("meta"):  # shapes only
        network = create_network(name, 10).eval()
    assert row.parameters_m == pytest.approx(sum(each.numel() for each in network.parameters()) / 1e6, abs=0.06)
    groups = [sum(each.numel() for each in group) / 1e6 for group in splitter(name)(network)]
    assert groups == pytest.approx(row.groups_m, abs=0.006)
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, row.min_px, row.min_px, device="meta")).shape == (2, 10)


def test_every_network_is_one_that_fastai_can_cut_or_that_we_say_how_to():
    from fastai.vision.learner import model_meta

    from curate.training.networks.build import constructor
    from curate.training.networks.known_networks import CUTS

    unknown = {row.name for row in architectures.ARCHITECTURES if constructor(row.name) not in model_meta}
    assert unknown == {"small_cnn", *CUTS}


def test_weights_are_looked_for_in_ones_own_folder_first_and_then_in_torchs_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    assert architectures.find_weights("resnet18") is None
    cached = tmp_path / "torch" / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    cached.parent.mkdir(parents=True)
    cached.touch()
    assert architectures.find_weights("resnet18") == cached
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    for name in ("resnet18.pth", "resnet18.safetensors"):
        (tmp_path / name).touch()
        assert architectures.find_weights("resnet18") == tmp_path / name


def test_torchs_cache_is_where_torch_says_it_is(monkeypatch, tmp_path):
    import torch.hub

    for name, value in (("TORCH_HOME", None), ("XDG_CACHE_HOME", str(tmp_path)), ("TORCH_HOME", str(tmp_path / "t"))):
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
        assert str(architectures.torch_cache()) == f"{torch.hub.get_dir()}/checkpoints"


def test_own_weights_make_a_network_pretrained_that_has_none_published(tmp_path, monkeypatch):
    xresnet = architectures.find("xresnet18")
    assert not architectures.may_be_pretrained(xresnet)
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    (tmp_path / "xresnet18.pth").touch()
    assert architectures.may_be_pretrained(xresnet)


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match="no architecture `resnet9000`") as refused:
        architectures.find("resnet9000")
    assert "resnet18" in refused.value.hint


@pytest.mark.parametrize("content", [b"", b"not a state dict", b"\x80\x02."])
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_a_file_that_holds_no_weights_is_named(tmp_path, monkeypatch, ending, content):
    from torchvision.models import squeezenet1_1

    from curate.training.networks.weights import load_pretrained

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    (tmp_path / f"squeezenet1_1.{ending}").write_bytes(content)
    with pytest.raises(
        NoWeights, match=f"squeezenet1_1.{ending}` does not hold weights for `squeezenet1_1`"
    ) as refused:
        load_pretrained(squeezenet1_1(weights=None), "squeezenet1_1")
    assert "from scratch" in refused.value.hint


def test_weights_of_another_network_are_refused(tmp_path, monkeypatch):
    import torch
    from torchvision.models import squeezenet1_0, squeezenet1_1

    from curate.training.networks.weights import load_pretrained

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    torch.save(squeezenet1_0(weights=None).state_dict(), tmp_path / "squeezenet1_1.pth")
    with pytest.raises(NoWeights, match="does not hold weights for `squeezenet1_1`"):
        load_pretrained(squeezenet1_1(weights=None), "squeezenet1_1")


def test_a_file_that_would_run_code_when_unpickled_is_refused(tmp_path, monkeypatch, capsys):
    import pickle

    from torchvision.models import squeezenet1_1

    from curate.training.networks.weights import load_pretrained

    class Trap:
        def __reduce__(self):
            return (print, ("run",))

    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    (tmp_path / "squeezenet1_1.pth").write_bytes(pickle.dumps(Trap(), protocol=2))
    with pytest.raises(NoWeights, match="does not hold weights"):
        load_pretrained(squeezenet1_1(weights=None), "squeezenet1_1")
    assert "run" not in capsys.readouterr().out


def test_a_download_that_is_refused_becomes_a_sentence(tmp_path, monkeypatch):
    from torchvision.models import squeezenet1_1

    from curate.training.networks.weights import load_pretrained

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # the discard port: refused at once
    with pytest.raises(NoWeights, match="not on this machine and could not be downloaded"):
        load_pretrained(squeezenet1_1(weights=None), "squeezenet1_1")


def test_densenets_old_names_become_the_new_ones():
    from torchvision.models import densenet121

    from curate.training.networks.weights import _modern_names

    new = densenet121(weights=None).state_dict()
    old = {name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): value for name, value in new.items()}
    assert old.keys() != new.keys()
    assert _modern_names(old).keys() == new.keys()


def test_mobilenet_is_fine_tuned_from_the_weights_in_ones_folder(
    noise: LabelledPictures, tmp_path, monkeypatch, shared_data
):
    import torch

    from curate.training import saved_model
    from curate.training.fitting.run import train
    from curate.training.settings.config import TrainConfig

    monkeypatch.setenv("CURATE_WEIGHTS", str(shared_data / "weights"))
    given = torch.load(shared_data / "weights" / "mobilenet_v2.pth", weights_only=True)
    config = TrainConfig("mobilenet_v2", size_px=32, epochs=1, batch_size=8, precision="float32", frozen_groups=1)
    train(*noise, ["dark", "bright"], config, tmp_path)
    after = saved_model.read_weights(tmp_path)
    early, late = "features.2.conv.0.0.weight", "features.17.conv.0.0.weight"
    assert torch.equal(torch.from_numpy(after[f"0.0.{early.removeprefix('features.')}"]), given[early])
    assert not torch.equal(torch.from_numpy(after[f"0.0.{late.removeprefix('features.')}"]), given[late])
    assert [group["unfrozen"] > 0 for group in saved_model.read_facts(tmp_path).metrics["layer_groups"]] == [
        False,
        True,
        True,
    ]
