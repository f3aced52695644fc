"""The lines of a notebook that give a network a kernel head on all its stages. No torch here: it is only text."""

from curate.training.networks import known_networks
from curate.training.settings.config import TrainConfig

_CODE = """
class Stages(Module):
    "The averages of every stage."
    def __init__(self, body): self.body = body

    def forward(self, x):
        if hasattr(self.body, "model"):  # timm's
            last, stages = self.body.model.forward_intermediates(x)
        else:
            stages, last = [], None
            for layer in self.body[0] if len(self.body) == 1 else self.body:
                before, last = last, layer(x if last is None else last)
                if before is not None and last.shape[-1] < before.shape[-1]:
                    stages.append(before)
        return torch.cat([each.float().mean((2, 3)) for each in [*stages, last]], dim=1)


class Kernel(Module):
    "Kernel ridge regression, whose parts can learn on."
    def __init__(self, features, labels, n):
        self.mean = nn.Parameter(features.mean(0))
        _, spreads, directions = torch.linalg.svd(features - self.mean.detach(), full_matrices=False)
        n_directions = min(256, round(3 * len(features) ** 0.5), len(features) - 1)
        spreads, directions = spreads[:n_directions] / (len(features) - 1) ** 0.5, directions[:n_directions]
        self.matrix = nn.Parameter(directions.T / spreads.sqrt())
        with torch.no_grad():
            self.points = nn.Parameter(self.unit(features))
            kernel = torch.exp(2 * (self.points @ self.points.T - 1)) + 0.3 * torch.eye(len(features)).to(features)
            self.solved = nn.Parameter(torch.linalg.solve(kernel, F.one_hot(labels, n) - 1 / n))

    def unit(self, features): return F.normalize((features - self.mean) @ self.matrix)

    def forward(self, features):  # Curate chooses the factor by held-out training pictures
        return 4 * torch.exp(2 * (self.unit(features) @ self.points.T - 1)) @ self.solved


stages = Stages(learn.model[0]).eval().to(dls.device)
with torch.no_grad():
    batches = [(stages(x), y) for x, y in dls.train.new(shuffle=False, drop_last=False)]
features, labels = (torch.cat(each).as_subclass(torch.Tensor) for each in zip(*batches))
learn.model = nn.Sequential(stages, Kernel(features, labels, dls.c))
learn.splitter, learn.train_bn = {splitter}, False
learn.add_cb(BnFreeze())
learn.freeze()
"""


def kernel_head(config: TrainConfig) -> str:
    """From fastai's learner to one with the kernel head, fitted in closed form."""
    split = "lambda m: L(m[0], m[1]).map(params)"
    if config.architecture in known_networks.CUTS:
        early = known_networks.CUTS[config.architecture][1]
        split = f"lambda m: L(m[0].body[0][:{early}], m[0].body[0][{early}:], m[1]).map(params)"
    return _CODE.replace("{splitter}", split)
