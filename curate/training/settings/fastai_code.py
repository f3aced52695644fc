"""A run's settings as the code that a fastai notebook would have for them. No torch here: it is only text."""

from collections.abc import Sequence

from curate.training.networks import architectures, known_networks
from curate.training.settings.augmentation import MIN_SCALE, arguments, erasing
from curate.training.settings.config import TrainConfig
from curate.training.settings.fastai_fits import fitting
from curate.training.settings.fastai_kernel import kernel_head

_METHODS = {"crop": "ResizeMethod.Crop", "pad": "ResizeMethod.Pad", "squish": "ResizeMethod.Squish"}
_OPTIMIZERS = {
    "sgd": "partial(SGD, mom=0.9)", "rmsprop": "partial(RMSProp, mom=0.9)", "radam": "RAdam", "qhadam": "QHAdam",
    "ranger": "ranger", "larc": "Larc", "lamb": "Lamb",
}  # fmt: skip
_SHARE = """
def get_items(path):
    "{share:.0%} of the training pictures of every label, and all that are held out."
    set_seed({seed}, reproducible=True)
    files = get_image_files(path).sorted()
    shuffled, kept = files.shuffle(), files.filter(lambda file: file.parent.parent.name == "valid")
    for label in shuffled.map(parent_label).unique():
        mine = shuffled.filter(lambda file: file.parent.parent.name == "train" and file.parent.name == label)
        kept += mine[:max(1, round({share} * len(mine)))]
    return kept
"""
_SMALL_CNN = """
def small_cnn(pretrained=False):
    pairs = ((3, 32, 2), (32, 64, 1), (64, 64, 2), (64, 128, 1), (128, 128, 2))
    return nn.Sequential(nn.Sequential(*(ConvLayer(a, b, stride=s) for a, b, s in pairs)), nn.AdaptiveAvgPool2d(1))
"""
_FEATURES = """
with torch.no_grad():
    batches = [(body(x).cpu(), y.cpu()) for x, y in dls.train.new(shuffle=False, drop_last=False)]"""
_COLOURS = """
batches = [(x.flatten(1).cpu(), y.cpu()) for x, y in dls.train.new(shuffle=False, drop_last=False)]"""
_FOLDS = """
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

features, labels = (torch.cat(parts).numpy() for parts in zip(*batches))
folds = StratifiedKFold({folds}, shuffle=True, random_state={seed})
head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
probabilities = cross_val_predict(head, features, labels, cv=folds, method="predict_proba")"""


def as_code(config: TrainConfig, label_names: Sequence[str] = ()) -> str:
    """Python that can be pasted into a notebook: path has a folder `train` and a folder `valid`, in each one per label.

    label_names: of the labels' folders as an export names them, in our order; fastai's own is alphabetical. The
    notebook decodes every picture in every epoch, rounds here and there in another order and draws other random
    numbers: its figures will be near, not the same.
    """
    parts = [
        "from fastai.vision.all import *\n",
        'path = Path("pictures")',
        f"set_seed({config.seed}, reproducible=True)",
    ]
    if config.share < 1 and config.method == "fine_tune":
        parts.append(_SHARE.format(share=config.share, seed=config.seed))
    parts += [_block(config, label_names), _loaders(config)]
    if config.method == "quick_look":
        return "\n".join([*parts, *_quick_look(config)]) + "\n"
    if config.architecture == "small_cnn":
        parts.append(_SMALL_CNN)
    head = [kernel_head(config)] if config.has_kernel else []
    return "\n".join([*parts, _learner(config), *head, fitting(config)]) + "\n"


def item_transforms(config: TrainConfig) -> str:
    """fastai's name for how one picture is brought to size."""
    if config.resize == "random_crop":
        return f"RandomResizedCrop({config.size_px}, min_scale={MIN_SCALE})"
    return f"Resize({config.size_px}, method={_METHODS[config.resize]})"


def batch_transforms(config: TrainConfig) -> list[str]:
    """fastai's names for what is done to whole batches."""
    made, chosen = [], arguments(config)
    if chosen is not None:
        inside = ", ".join(f"{name}={value}" for name, value in chosen.items())
        erased = f"xtra_tfms=[RandomErasing(p={erasing(config)})]" if erasing(config) else ""
        made.append(f"*aug_transforms({', '.join(filter(None, (inside, erased)))})")
    if not config.pretrained and config.method == "fine_tune":
        made.append("Normalize()")
    return made


def _block(config: TrainConfig, label_names: Sequence[str]) -> str:
    names = f"vocab={list(label_names)!r}, sort=False" if label_names else ""
    items = "get_items" if config.share < 1 and config.method == "fine_tune" else "get_image_files"
    batch = batch_transforms(config) if config.method == "fine_tune" else []
    return f"""pictures = DataBlock(
    blocks=(ImageBlock, CategoryBlock({names})),
    get_items={items},
    get_y=parent_label,
    splitter=GrandparentSplitter(),
    item_tfms={item_transforms(config)},
    batch_tfms=[{", ".join(batch)}],
)"""


def _loaders(config: TrainConfig) -> str:
    if config.method == "quick_look" or config.balance != "sampling":
        return f"dls = pictures.dataloaders(path, bs={config.batch_size})"
    files = "get_items" if config.share < 1 else "get_image_files"
    return f"""files = {files}(path)
counts = Counter(parent_label(file) for file in files if file.parent.parent.name == "train")
dls = pictures.weighted_dataloaders(path, [1 / counts[parent_label(file)] for file in files], bs={config.batch_size})"""


def _learner(config: TrainConfig) -> str:
    options = [] if config.pretrained else ["pretrained=False"]
    if config.architecture in known_networks.CUTS:
        cut, early = known_networks.CUTS[config.architecture]
        split = f"splitter=lambda m: L(m[0][0][:{early}], m[0][0][{early}:], m[1:]).map(params)"
        options += [f"cut={cut}", split]
    if config.label_smoothing or config.balance == "weights":
        options.append(f"loss_func={_loss(config)}")
    if config.optimizer in _OPTIMIZERS:
        options.append(f"opt_func={_OPTIMIZERS[config.optimizer]}")
    if config.weight_decay is not None:
        options.append(f"wd={config.weight_decay}")
    if config.mix != "none":
        options.append(f"cbs={'MixUp' if config.mix == 'mixup' else 'CutMix'}({config.mix_alpha})")
    made = f"learn = vision_learner({', '.join(['dls', network(config.architecture), *options, 'metrics=accuracy'])})"
    if config.precision == "auto":
        made += "\nif torch.cuda.is_available():\n    learn.to_bf16()"
    return f"{_weights()}\n{made}" if config.balance == "weights" else made


def _weights() -> str:
    return """counts = Counter(parent_label(file) for file in dls.train_ds.items)
mean = sum(counts.values()) / len(counts)
weight = tensor([mean / counts[label] for label in dls.vocab]).to(dls.device)"""


def _loss(config: TrainConfig) -> str:
    weight = "weight=weight" if config.balance == "weights" else ""
    if not config.label_smoothing:
        return f"CrossEntropyLossFlat({weight})"
    smooth = f"eps={config.label_smoothing}"
    return f"LabelSmoothingCrossEntropyFlat({', '.join(filter(None, (smooth, weight)))})"


def network(architecture: str) -> str:
    """How fastai's `vision_learner` is told of it: a function, or one of timm's names in quotes."""
    if architectures.find(architecture).library == "timm":
        return repr(architecture.removeprefix(architectures.TIMM))
    return f"models.{architecture}" if architecture in known_networks.CUTS else architecture


def _quick_look(config: TrainConfig) -> list[str]:
    folds = _FOLDS.format(folds=config.folds, seed=config.seed)
    if config.architecture == architectures.PIXELS:
        return [_COLOURS, folds]
    if architectures.find(config.architecture).library == "timm":
        name = f"{network(config.architecture)}, pretrained=True, num_classes=0"
        return [f"import timm\n\nbody = timm.create_model({name}).eval().to(dls.device)", _FEATURES, folds]
    cut = known_networks.CUTS.get(config.architecture)
    more = f", cut={cut[0]}" if cut else ""
    made = f"learn = vision_learner(dls, {network(config.architecture)}{more})"
    body = "body = nn.Sequential(learn.model[0], nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()"
    return [made, body, _FEATURES, folds]
