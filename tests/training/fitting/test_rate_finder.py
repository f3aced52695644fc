"""The search for a learning rate alone: what it gives, what it leaves, and what a loss that is no number does to it."""

from dataclasses import replace

import pytest

from curate.errors import BadInput, JobFailed
from curate.training.progress import Silent
from curate.training.settings.config import TrainConfig
from tests.factories import LabelledPictures

CONFIG = TrainConfig(
    architecture="small_cnn", pretrained=False, size_px=32, batch_size=8, epochs=1, precision="float32",
    learning_rate=None,
)  # fmt: skip
NAMES = ["dark", "bright"]


def search_rates(noise: LabelledPictures, folder, watch=None):
    from curate.training.fitting.rate_finder import find_rates

    return find_rates(*noise, NAMES, CONFIG, folder, watch or Silent())


def test_it_gives_the_curve_and_fastais_own_suggestions(noise, tmp_path, monkeypatch):
    from fastai.callback.schedule import minimum, slide, steep, valley
    from fastai.learner import Learner

    theirs, find = [], Learner.lr_find

    def listening(learn, **options):
        everything = (valley, steep, minimum, slide)
        theirs.append(find(learn, num_it=options["num_it"], show_plot=False, suggest_funcs=everything))

    monkeypatch.setattr(Learner, "lr_find", listening)
    search = search_rates(noise, tmp_path)
    assert search.suggestions == pytest.approx(theirs[0]._asdict(), rel=1e-5)
    assert search.rates == sorted(search.rates) and search.rates[0] == pytest.approx(1e-7)
    assert len(search.rates) == len(search.losses) > 50
    assert not (tmp_path / "scratch").exists()


def test_it_can_be_stopped(noise, tmp_path):
    class Impatient(Silent):
        def stop_requested(self):
            return True

    with pytest.raises(JobFailed, match="nothing was learnt"):
        search_rates(noise, tmp_path, Impatient())


def test_a_loss_that_is_no_number_ends_the_search_with_what_came_before(noise, tmp_path, failing_batches):
    def check(learn):
        if learn.train_iter == 40:
            learn.model[0][0][0][0].weight.data.fill_(float("nan"))

    failing_batches(check)
    search = search_rates(noise, tmp_path)
    assert len(search.rates) == len(search.losses) <= 40
    assert set(search.suggestions) == {"valley", "steep", "minimum", "slide"}


def test_a_loss_that_never_was_a_number_is_said_and_a_training_takes_the_usual_rate(
    noise: LabelledPictures, tmp_path, failing_batches
):
    from curate.training.fitting.run import train

    def check(learn):
        if hasattr(learn, "lr_finder"):
            learn.model[0][0][0][0].weight.data.fill_(float("nan"))

    failing_batches(check)
    with pytest.raises(BadInput, match="not a number from the first step on"):
        search_rates(noise, tmp_path)
    result = train(*noise, NAMES, replace(CONFIG, epochs=1), tmp_path)
    assert result.learning_rate == 0.002
    assert result.notes == ["No learning rate stood out in the search; 0.002, the usual one, was taken."]
