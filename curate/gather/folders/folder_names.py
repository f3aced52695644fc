"""What names of files and folders say: pictures, hidden and system files, and the words for the sides of a split."""

import re
import unicodedata

TRAIN, VALID, UNLABELLED = "train", "valid", "unlabelled"
EMPTY_FOLDER = "The folder is empty."
# A test set counts as validation: what must not be trained on. Also in French, Spanish, Portuguese, German and Chinese.
_WORDS = dict.fromkeys(("train", "training", "trainval", "trn", "trainings", "训练", "训练集"), TRAIN)
_WORDS |= dict.fromkeys(("entrainement", "apprentissage", "entrenamiento", "treino", "treinamento"), TRAIN)
_WORDS |= dict.fromkeys(("valid", "val", "validation", "dev", "test", "testing", "eval", "evaluation"), VALID)
_WORDS |= dict.fromkeys(("holdout", "heldout", "validate", "tests", "tst", "验证", "验证集", "测试", "测试集"), VALID)
_WORDS |= dict.fromkeys(("validacion", "prueba", "validacao", "teste", "validierung", "validierungs"), VALID)
_WORDS |= dict.fromkeys(("pred", "predict", "prediction", "predictions"), UNLABELLED)
_WORDS |= dict.fromkeys(("unlabeled", "unlabelled", "unsup"), UNLABELLED)
# Words that stand beside those and mean nothing themselves: Train_set, train_images, dataset_val.
_FILLERS = frozenset(
    ("set", "sets", "data", "dataset", "ds", "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos")
    + ("split", "splits", "folder", "folders", "dir", "files", "jpg", "png", "full", "all", "new", "final", "original")
    + ("raw", "cropped", "resized", "aug", "augmented", "fixed", "sample", "the", "my", "daten", "bilder")
)
_GLUED = re.compile(rf"({'|'.join(_WORDS)})(sets?|data|dataset|images?|imgs?|split|daten|bilder)")
# Folders of a data set that came in parts: their labels lie in each of them.
_PART = re.compile(r"(k?fold|part|batch|chunk|shard|subset)s?[\s_-]*(\d+|[a-z])", re.IGNORECASE)
# Folders around the labels' own, below a split too: train/images/cats.
_NEUTRAL = re.compile(r"images?|imgs?|pictures?|photos?|data|dataset|jpe?g|png", re.IGNORECASE)
_SYSTEM = ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin", ".ds_store")
_PICTURES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp"),
    *(".avif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".jpx", ".ppm", ".pgm", ".pbm", ".pnm"),
)


def is_picture(name: str) -> bool:
    """Whether a file's name ends as a picture's."""
    return name.lower().endswith(_PICTURES)


def is_system(name: str) -> bool:
    """Whether a file or folder is an operating system's own: never anybody's picture."""
    return name.casefold() in _SYSTEM or name.startswith("._")


def is_hidden(name: str) -> bool:
    """Whether a leading dot hides the file or folder."""
    return name.startswith(".")


def is_ignored(name: str) -> bool:
    """Whether a file or folder of this name never comes in: hidden, or a system's own."""
    return is_hidden(name) or is_system(name)


def is_neutral(name: str) -> bool:
    """Whether a folder's name only says that pictures are in it."""
    return _NEUTRAL.fullmatch(name) is not None


def is_part(name: str) -> bool:
    """Whether a folder's name says that it is one of several parts.

    >>> is_part("fold_3"), is_part("Part B"), is_part("partridge")
    (True, True, False)
    """
    return _PART.fullmatch(name) is not None


def split_word(name: str) -> tuple[str | None, str]:
    """(side of the split that the name has a word for, what else it says); the side is None without such a word.

    >>> split_word("Train_set"), split_word("seg_pred"), split_word("val2017"), split_word("trainer")
    (('train', ''), ('unlabelled', 'seg'), ('valid', ''), (None, 'trainer'))
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    words = re.findall(r"[^\W\d_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", plain))
    tokens = [part for word in words for part in _GLUED.sub(r"\1 \2", word.casefold()).split()]
    sides = [_WORDS[token] for token in tokens if token in _WORDS]
    others = " ".join(token for token in tokens if token not in _WORDS and token not in _FILLERS)
    is_at_an_end = bool(tokens) and (tokens[0] in _WORDS or tokens[-1] in _WORDS or not others)
    if len(set(sides)) != 1 or not is_at_an_end:
        return None, name
    return sides[0], others


def split_sides(names: list[str]) -> dict[str, str]:
    """{name: train, valid or unlabelled} of those of the folders in one place that are named as sides of a split.

    With a word of its own (seg_train) it counts only where another side has that word as well (seg_test).

    >>> split_sides(["seg_train", "seg_pred", "cats", "steam_train_2"])
    {'seg_train': 'train', 'seg_pred': 'unlabelled'}
    """
    words = {name: split_word(name) for name in names}
    sides_with: dict[str, set[str]] = {}
    for side, others in words.values():
        if side:
            sides_with.setdefault(others, set()).add(side)
    return {
        name: side
        for name, (side, others) in words.items()
        if side and (not others or side == UNLABELLED or len(sides_with[others]) > 1)
    }


def by_number(name: str) -> list[str | int]:
    """Sort key that puts "2" before "10"; of very long numbers only the beginning counts.

    >>> sorted(["10", "2", "a10b", "a9b"], key=by_number)
    ['2', '10', 'a9b', 'a10b']
    """
    return [int(part[:1000]) if part.isdecimal() else part.casefold() for part in re.split(r"(\d+)", name)]
