"""Settings as text, for addresses and command lines: "size_px=128", "lr_low=null", "tta=true". No torch here."""

import json
from types import NoneType
from typing import Any

from curate.errors import BadInput
from curate.training.settings.table import SETTINGS


def write(value: object) -> str:
    """Returns a setting's value as text.

    >>> write("none"), write(None), write(0.002), write(True)
    ('none', 'null', '0.002', 'true')
    """
    return value if isinstance(value, str) else json.dumps(value)


def read(name: str, text: str) -> Any:
    """Returns the value that the text gives the setting of that name; its range is not checked here.

    Raises BadInput for an unknown setting and for a value of the wrong kind.

    >>> read("epochs", "8"), read("share", "1"), read("learning_rate", "null"), read("mix", "none")
    (8, 1.0, None, 'none')
    """
    if name not in SETTINGS:
        raise BadInput(f"A training has no setting `{name:.40}`.", f"There are: {', '.join(SETTINGS)}.")
    kind = SETTINGS[name].kind
    if kind is str:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if type(value) is int and kind is float:
        value = float(value)
    allowed = (kind, NoneType) if SETTINGS[name].may_be_none else (kind,)
    if type(value) not in allowed:  # isinstance would take true for a whole number
        raise BadInput(f"{text!r:.40} cannot be the setting `{name}`.", SETTINGS[name].summary())
    return value


def summaries() -> str:
    """Every setting in a line, as the command line's help lists them: name, label, range or choices, default."""
    return "\n".join(f"  {name}: {setting.summary()}" for name, setting in SETTINGS.items())
