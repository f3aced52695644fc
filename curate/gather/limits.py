"""What a gathering accepts, and how hard it may ask: settings that people can change, with their usual values."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from curate.errors import BadInput


@dataclass(frozen=True)
class Limits:
    """min_side_px: the shorter side's least; max_aspect: longest side over shortest; drop_near: near-duplicates of
    what the project has, or of an earlier result, are refused too, not only equal bytes.

    at_once, per_host: downloads under way in all and from one host; max_mb, max_megapixels: larger ones are refused;
    timeout_s: longest silence; total_s: longest download; tries: attempts where an error can pass.
    """

    min_side_px: int = 64
    max_aspect: float = 5.0
    drop_near: bool = True
    max_mb: float = 50.0
    max_megapixels: float = 100.0
    at_once: int = 32
    per_host: int = 6
    timeout_s: float = 15.0
    total_s: float = 90.0
    tries: int = 4

    def __post_init__(self) -> None:
        least = {"max_aspect": 1.0, "min_side_px": 1, "at_once": 1, "per_host": 1, "tries": 1}
        for field in fields(self):
            value = getattr(self, field.name)
            if value < least.get(field.name, 0.0):
                raise BadInput(f"{field.name} must be {least.get(field.name, 0)} or more; it is {value:g}.")

    def to_json(self) -> dict[str, Any]:
        """All of them by name."""
        return asdict(self)

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "Limits":
        """Those that were stored; the usual value for each that was not, and nothing for names there are no more."""
        known = {field.name for field in fields(Limits)}
        return Limits(**{name: value for name, value in stored.items() if name in known})
