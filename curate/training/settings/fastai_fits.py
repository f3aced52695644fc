"""The lines of a notebook that fit and ask: the epochs of a config in fastai's own calls. No torch here."""

from itertools import accumulate

from curate.training.settings import layer_rates
from curate.training.settings.config import TrainConfig

_GROWING = """
class Growing(Callback):
    "Training pictures that grow from epoch to epoch."
    order, sizes, n_begun = -5, {sizes}, 0

    def before_epoch(self):
        self.px, self.n_begun = self.sizes[min(self.n_begun, len(self.sizes) - 1)], self.n_begun + 1

    def before_batch(self):
        if self.training:
            self.learn.xb = (F.interpolate(self.x, size=self.px, mode="bilinear", antialias=True),)

learn.add_cb(Growing())
"""


def fitting(config: TrainConfig) -> str:
    """From the learning rate to the probabilities of the held-out pictures."""
    lines = [
        f"rate = {config.learning_rate}" if config.learning_rate else "rate = learn.lr_find(show_plot=False).valley"
    ]
    if config.start_px is not None:
        lines.insert(0, _GROWING.format(sizes=config.epoch_px))
    trackers = _trackers(config)
    if trackers:
        lines.append(f"learn.add_cbs([{', '.join(trackers)}])")
    return "\n".join([*lines, *_fits(config), _asking(config)])


def _trackers(config: TrainConfig) -> list[str]:
    best = ["SaveModelCallback(reset_on_fit=False)"] if config.keep_best else []
    return best + ([f"EarlyStoppingCallback(patience={config.patience})"] if config.patience else [])


def _fits(config: TrainConfig) -> list[str]:
    if layer_rates.is_fine_tune(config) and not config.frozen_groups:
        low = f", lr_mult=rate / 2 / {config.lr_low}" if config.lr_low is not None else ""
        return [f"learn.fine_tune({config.epochs}, rate, freeze_epochs={config.frozen_epochs}{low})"]
    frozen = [f"learn.fit_one_cycle({config.n_frozen}, slice(rate), pct_start=0.99)"] if config.n_frozen else []
    if config.pretrained:
        frozen.append(f"learn.freeze_to({config.frozen_groups})" if config.frozen_groups else "learn.unfreeze()")
    return frozen + _unfrozen(config)


def _unfrozen(config: TrainConfig) -> list[str]:
    lr = "rate" if config.lr_low is None else f"slice({config.lr_low}, rate)"
    if layer_rates.is_fine_tune(config):
        low = "rate / 200" if config.lr_low is None else str(config.lr_low)
        return [f"learn.fit_one_cycle({config.epochs}, slice({low}, rate / 2), pct_start=0.3, div=5.0)"]
    if config.schedule == "flat_cos":
        return [f"learn.fit_flat_cos({config.epochs}, {lr})"]
    return _restarts(config, lr) if config.schedule == "sgdr" else [f"learn.fit_one_cycle({config.epochs}, {lr})"]


def _restarts(config: TrainConfig, lr: str) -> list[str]:
    if config.cycle_mult == 1:  # fastai's fit_sgdr divides by zero
        fit = f"    learn.fit_flat_cos({config.cycle_length}, {lr}, pct_start=0)"
        kept = ['    learn.save(f"cycle_{i}")'] if config.snapshot_ensemble else []
        return [f"for i in range({config.n_cycles}):", fit, *kept]
    kept = ['cbs=SaveModelCallback(fname="cycle", every_epoch=True)'] if config.snapshot_ensemble else []
    arguments = [str(config.n_cycles), str(config.cycle_length), lr, f"cycle_mult={config.cycle_mult}", *kept]
    return [f"learn.fit_sgdr({', '.join(arguments)})"]


def _asking(config: TrainConfig) -> str:
    ask = f"learn.tta(n={config.tta_n})" if config.tta else "learn.get_preds()"
    if not config.snapshot_ensemble:
        return f"probabilities, targets = {ask}"
    is_even = config.cycle_mult == 1
    ends = list(range(config.n_cycles)) if is_even else [end - 1 for end in accumulate(config.cycles)]
    return f"""answers = []
for end in {ends}:
    learn.load(f"cycle_{{end}}")
    probabilities, targets = {ask}
    answers.append(probabilities)
probabilities = torch.stack(answers).mean(0)"""
