"""The components' style sheets."""

from pathlib import Path

PICTURE_CARD = Path(__file__).with_name("picture_card.css")  # comes before a component's own sheets


def style_sheets(*paths: Path) -> str:
    """The sheets as one; of equal selectors the later one counts."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
