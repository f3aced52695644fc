"""The settings that are chosen by name: every choice with the sentence that the form shows. No torch here."""

METHODS = {
    "fine_tune": "Train the network itself: the best figures, and the time it takes.",
    "quick_look": "Keep the network as it is, and fit a small model on what it sees: seconds instead of minutes.",
}
RESIZES = {
    "crop": "Cut a square from the middle; what lies outside is not seen.",
    "pad": "Keep the whole picture and mirror its edges to fill the square.",
    "squish": "Keep the whole picture and change its proportions to a square.",
    "random_crop": "Train on another part every time, a third of the picture or more; judge by the middle.",
}
AUGMENTS = {
    "none": "Every picture exactly as it is.",
    "light": "Small turns, zooms and changes of light; never mirrored: for digits, letters, signs.",
    "standard": "fastai's own: mirrored, turned by up to 10 degrees, zoomed, tilted, lit differently.",
    "custom": "Every one of them as you set it.",
}
HEADS = {
    "fastai": "fastai's own: averages and maxima of the last layer, and two layers that begin at random.",
    "kernel": "Averages of all stages, and a kernel fitted in one go before the first epoch: better on few pictures.",
}
PRECISIONS = {
    "auto": "Train and score in the reduced precision that this machine has; the order of the pictures stays as it is.",
    "float32": "Full precision, some two to four times slower where reduced precision is to be had.",
}
SCHEDULES = {
    "fine_tune": "fastai's usual: the rate rises and falls once while the head learns, and once more for everything.",
    "one_cycle": "The rate rises over a quarter of the epochs and then falls to nothing: good from scratch, too.",
    "flat_cos": "The rate stays where it is for three quarters of the epochs, then falls: made for ranger.",
    "sgdr": "The rate falls and jumps back up, in cycles: each cycle ends in a network that is good in its own way.",
}
OPTIMIZERS = {
    "adam": "fastai's usual: quick and forgiving.",
    "sgd": "Plain steps with momentum: slower, wants a larger rate (0.01 to 0.1), and often ends a little better.",
    "rmsprop": "Steps scaled by how much each weight has varied; older than adam.",
    "radam": "adam with a careful beginning: less sensitive to the learning rate.",
    "qhadam": "adam that mixes the newest gradient into its momentum.",
    "ranger": "radam that looks ahead: fastai's choice together with the schedule flat_cos.",
    "larc": "sgd with each layer's step limited by the size of its weights: for very large batches.",
    "lamb": "adam with each layer's step limited by the size of its weights: for very large batches.",
}
MIXES = {
    "none": "Pictures are learnt from one by one.",
    "mixup": "Two pictures shown through one another, with both labels in proportion: against overfitting.",
    "cutmix": "A piece of one picture stuck into another, with both labels in proportion: against overfitting.",
}
BALANCES = {
    "none": "Every picture counts alike: a label with few pictures counts little.",
    "sampling": "Pictures of small labels are shown more often, until every label is seen equally often.",
    "weights": "Every picture is shown once an epoch, and mistakes on small labels cost more.",
}

_TITLES = {
    "sgdr": "SGDR (restarts)", "fine_tune": "fine_tune", "one_cycle": "fit_one_cycle", "flat_cos": "fit_flat_cos",
    "cutmix": "CutMix", "mixup": "MixUp", "random_crop": "Random crop (RandomResizedCrop)", "pad": "Pad (reflection)",
}  # fmt: skip


def title(choice: str) -> str:
    """Returns a choice as the form writes it.

    >>> title("random_crop"), title("standard")
    ('Random crop (RandomResizedCrop)', 'Standard')
    """
    return _TITLES.get(choice, choice.replace("_", " ").capitalize())
