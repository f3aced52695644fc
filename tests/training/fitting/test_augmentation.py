"""Each kind of augmentation does what was chosen to training pictures, and nothing to held-out ones."""

from dataclasses import replace

import pytest

from curate.training.settings.config import TrainConfig

CONFIG = TrainConfig(architecture="small_cnn", pretrained=False, size_px=16)


def test_custom_augmentation_is_what_was_chosen():
    from curate.training.fitting.transforms import augments

    def made(**settings):
        return {type(each).__name__ for each in augments(replace(CONFIG, augment="custom", **settings))}

    nothing = {
        "flip": False, "max_rotate": 0.0, "min_zoom": 1.0, "max_zoom": 1.0, "max_lighting": 0.0, "max_warp": 0.0,
    }  # fmt: skip
    assert made(**nothing) == set()
    assert "RandomErasing" in made(**nothing | {"random_erasing": 0.5})
    by_default = [str(each) for each in augments(replace(CONFIG, augment="custom"))]
    assert len(by_default) == len(augments(replace(CONFIG, augment="standard")))


@pytest.mark.parametrize(
    "settings",
    [{"flip": True}, {"flip": True, "flip_vert": True}, {"max_rotate": 30.0}, {"min_zoom": 0.5}, {"max_zoom": 2.0}]
    + [{"max_lighting": 0.5}, {"max_warp": 0.5}, {"random_erasing": 1.0}],
    ids=str,
)
def test_each_kind_of_augmentation_changes_training_pictures_and_no_held_out_one(settings):
    import torch
    from fastai.torch_core import TensorImage, set_seed
    from fasttransform import Pipeline

    from curate.training.fitting.transforms import batch_transforms

    nothing = {
        "flip": False, "max_rotate": 0.0, "min_zoom": 1.0, "max_zoom": 1.0, "max_lighting": 0.0, "max_warp": 0.0,
        "p_affine": 1.0, "p_lighting": 1.0,
    }  # fmt: skip
    set_seed(0)
    batch = torch.randint(0, 256, (32, 3, 16, 16), dtype=torch.uint8)
    transforms = batch_transforms(replace(CONFIG, augment="custom", **nothing | settings))
    before = batch.float() / 255
    trained_on = Pipeline(transforms, split_idx=0)(TensorImage(batch.clone()))
    assert float((trained_on - before).abs().max()) > 0.1
    judged_by = Pipeline(transforms, split_idx=1)(TensorImage(batch.clone()))
    assert float((judged_by - before).abs().max()) < 1e-5  # fastai samples at the same points anew
    chances = {"p_affine": 0.0, "p_lighting": 0.0}
    never = batch_transforms(replace(CONFIG, augment="custom", **nothing | settings | chances))
    if not settings.keys() & {"flip", "random_erasing"}:
        assert (
            float((Pipeline(never, split_idx=0)(TensorImage(batch.clone())) - before).abs().max()) < 1e-5
        )  # fastai samples at the same points anew
