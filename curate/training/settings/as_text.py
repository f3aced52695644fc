"""Settings as text, for addresses and command lines: "size_px=128", "lr_low=null", "tta=true". No torch here."""

import json
from dataclasses import fields
from typing import Any

from curate.errors import BadInput
from curate.training.settings.config import TrainConfig

TYPES: dict[str, Any] = {field.name: field.type for field in fields(TrainConfig)}


def write(value: object) -> str:
    """A setting's value as text.

    >>> write("none"), write(None), write(0.002), write(True)
    ('none', 'null', '0.002', 'true')
    """
    return value if isinstance(value, str) else json.dumps(value)


def read(name: str, text: str) -> Any:
    """The value that the text gives the setting of that name; its range is not checked here.

    Raises BadInput for an unknown setting and for a value of the wrong kind.

    >>> read("epochs", "8"), read("share", "1"), read("learning_rate", "null"), read("mix", "none")
    (8, 1.0, None, 'none')
    """
    if name not in TYPES:
        raise BadInput(f"A training has no setting `{name:.40}`.", f"There are: {', '.join(TYPES)}.")
    allowed = TYPES[name]
    if allowed is str:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole and not isinstance(value, allowed):
        value = float(value)
    if not isinstance(value, allowed) or (isinstance(value, bool) and allowed is not bool):
        raise BadInput(f"{text!r:.40} cannot be the setting `{name}`.")
    return value
