"""What is known about one setting of a training: range or choices, text, when it has an effect. No torch here."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import NoneType
from typing import Any, get_args

from curate.errors import BadInput

Limit = float | Callable[[Any], float]  # a number, or one that depends on the other settings of a config


def _always(_config: Any) -> bool:
    return True


@dataclass(frozen=True)
class Setting:
    """One setting: checks, the form, experiments, texts and the command line read all of this and know no more.

    label: its name on the screen and in messages; question: the form's label, where it is another one.
    unit: follows the value, and the form's label in brackets. none: what None means; zero: what 0 means.
    low, high: the range of a number, both included; either may be a function of the config.
    choices: every allowed text with the sentence that the form shows; form_choices: those that the form offers, when
    not all of them.
    applies: whether it has an effect beside the other settings; in_quick_look, in_training: with which methods.
    is_possible: whether the form lets it be changed; why_not: the sentence to show when it does not.
    group, side: its place in the form ("time", "right"); "" = a page draws it by itself. in_row: beside its neighbours.
    note: a sentence below its field. step, number_format: of its number field.
    worth_trying: values that an experiment offers; none = experiments do not vary it.
    in_rate_curve: the learning-rate finder's curve depends on it; in_preview: augmented pictures look different.
    """

    label: str
    help: str = ""
    question: str = ""
    unit: str = ""
    none: str = ""
    zero: str = ""
    low: Limit = 0
    high: Limit = 1
    choices: Mapping[str, str] | None = None
    form_choices: Callable[[Any], Mapping[str, str]] | None = None
    applies: Callable[[Any], bool] = _always
    in_quick_look: bool = False
    in_training: bool = True
    is_possible: Callable[[Any], bool] = _always
    why_not: str = ""
    group: str = ""
    side: str = "left"
    in_row: bool = False
    note: Callable[[Any], str] | None = None
    step: float = 1
    number_format: str = "%.2f"
    worth_trying: tuple[Any, ...] = ()
    in_rate_curve: bool = False
    in_preview: bool = False
    is_share: bool = False
    name: str = ""
    kind: type = str
    may_be_none: bool = False
    default: Any = None

    @property
    def title(self) -> str:
        """The form's label: "Image size (px)"."""
        return (self.question or self.label) + (f" ({self.unit})" if self.unit else "")

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in (int, float)

    def is_used(self, config: Any) -> bool:
        """Whether the method of this config reads it at all."""
        return self.in_quick_look if config.method == "quick_look" else self.in_training

    def has_effect(self, config: Any) -> bool:
        """Whether another value would change anything, as the other settings are."""
        return self.is_used(config) and self.applies(config)

    def limits(self, config: Any) -> tuple[float, float]:
        """The smallest and the largest number allowed beside the other settings."""
        low, high = (each(config) if callable(each) else each for each in (self.low, self.high))
        return low, high

    def check(self, config: Any) -> None:
        """Raise BadInput when the config's value is of the wrong kind or out of range."""
        value = getattr(config, self.name)
        if value is None and self.may_be_none:
            return
        if self.choices is not None and value not in self.choices:
            raise BadInput(f"{self.label} `{value}` is not known.", f"There are: {', '.join(self.choices)}.")
        if self.is_number:
            low, high = self.limits(config)
            if not _is_a(value, self.kind) or not low <= value <= high:
                raise BadInput(f"{self.label} must be {_range_text(self.kind, low, high)}, not {value}.")

    def text(self, value: Any) -> str:
        """A value as the screen writes it. Plain text.

        >>> Setting("Image size", unit="px").text(64), Setting("Share", is_share=True).text(0.3)
        ('64 px', '30 %')
        """
        if value is None:
            return self.none or "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if value == 0 and self.zero:
            return self.zero
        if self.is_share:
            return f"{round(100 * value, 1):g} %"
        number = f"{value:g}" if isinstance(value, float) else str(value)
        unit = self.unit.replace("epochs", "epoch", 1) if value == 1 else self.unit
        return f"{number} {unit}" if unit else number

    def summary(self) -> str:
        """What the command line says of it: "Label smoothing: a number from 0 to 0.9 (0)"."""
        default = "null" if self.default is None else str(self.default).lower()
        if self.choices is not None:
            allowed = ", ".join(self.choices)
        elif self.is_number:
            numbers = [limit for limit in (self.low, self.high) if not callable(limit)]
            is_fixed = len(numbers) == 2
            allowed = _range_text(self.kind, *numbers) if is_fixed else _KINDS[self.kind]
        else:
            allowed = _KINDS[self.kind]
        return f"{self.label}: {allowed}{' or null' if self.may_be_none else ''} ({default})"


_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a name"}


def setting(default: Any, label: str, **entry: Any) -> Any:
    """A dataclass field with this default that carries its Setting."""
    return field(default=default, metadata={"setting": Setting(label, default=default, **entry)})


def settings_of(table: type) -> dict[str, Setting]:
    """The settings of a dataclass by name, in its order; kind and may_be_none come from the annotations."""
    settings: dict[str, Setting] = {}
    for each in fields(table):
        kinds = get_args(each.type) or (each.type,)
        kind = next(kind for kind in kinds if kind is not NoneType)
        entry: Setting = each.metadata["setting"]
        settings[each.name] = replace(entry, name=each.name, kind=kind, may_be_none=NoneType in kinds)
    return settings


def _range_text(kind: type, low: float, high: float) -> str:
    if kind is int:
        return f"a whole number from {low:,} to {high:,}"
    return f"a number from {low:g} to {high:g}"


def _is_a(value: object, kind: type) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, int) if kind is int else math.isfinite(value)
