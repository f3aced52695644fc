"""TypeScript's types of the JSON that Python writes for the scripts: `make types` writes them anew.

A test compares the file with the Python types, so that neither side can change alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from curate.review.image.closeup import Event, Thought
from curate.review.image.nearest import Near
from curate.review.listing.cards import CardJson, NotedJson, SuggestionJson
from curate.server.decisions import ChangeJson, StepJson, TurnJson
from curate.ui.components.cards import CardJson as ShownCardJson
from curate.ui.components.cards import CardsJson, LabelJson, ShareJson
from curate.ui.components.grid import Listing, Reviewing, Sheet
from curate.ui.components.grid.labels import GridLabelJson

PATH = Path(__file__).parents[1] / "curate" / "ui" / "components" / "types" / "python.d.ts"
HEAD = "/** What Python sends as JSON. Written by `make types` from the types of the same names; not by hand. */\n"
NAMES: dict[Any, str] = {
    Sheet: "SheetData", Listing: "Listing", Reviewing: "ReviewingData", GridLabelJson: "GridLabel",
    CardJson: "Card", SuggestionJson: "Suggestion", NotedJson: "Noted",
    ChangeJson: "Change", StepJson: "ListedStep", TurnJson: "Turn",
    Event: "StoryEvent", Thought: "Thought", Near: "Near",
    CardsJson: "CardsData", ShownCardJson: "ShownCard", LabelJson: "ShownLabel", ShareJson: "ShownShare",
}  # fmt: skip
PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", NoneType: "null", datetime: "string"}


def declarations() -> str:
    """All types, as the file holds them."""
    return HEAD + "".join(f"\n{interface(kind)}" for kind in NAMES)


def interface(kind: Any) -> str:
    """A TypedDict or a dataclass as an interface."""
    assert is_typeddict(kind) or is_dataclass(kind)
    fields = get_type_hints(kind, include_extras=True).items()
    lines = [f"  {name}{'?' if get_origin(hint) is NotRequired else ''}: {typescript(hint)};" for name, hint in fields]
    return "\n".join([f"export interface {NAMES[kind]} {{", *lines, "}\n"])


def typescript(hint: Any) -> str:
    """A type as TypeScript writes it.

    >>> typescript(list[int | None]), typescript(tuple[int, float]), typescript(Literal["keep", "delete"])
    ('(number | null)[]', '[number, number]', '"keep" | "delete"')
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return typescript(parts[0])
    if origin in (Union, UnionType):
        return " | ".join(typescript(part) for part in parts)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in parts)
    if origin is tuple:
        return f"[{', '.join(typescript(part) for part in parts)}]"
    if origin is Mapping:
        return "Record<string, unknown>"
    if origin in (list, Sequence):
        item = typescript(parts[0])
        return f"({item})[]" if " | " in item else f"{item}[]"
    return NAMES[hint] if hint in NAMES else PLAIN[hint]


if __name__ == "__main__":
    PATH.write_text(declarations(), encoding="utf-8")
