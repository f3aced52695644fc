"""From the catalog's rows to the plain dicts that the grid's script reads."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from curate.catalog.projects import LabelRow
from curate.review.pages import Item
from curate.ui.colours import label_colour


def as_items(items: Iterable[Item]) -> list[dict[str, Any]]:
    """The cards of a page, in its order."""
    return [_as_item(item) for item in items]


def as_labels(labels: Iterable[LabelRow]) -> list[dict[str, Any]]:
    """The project's labels with their colours; the first nine answer to the keys 1 to 9."""
    return [{"id": label.id, "name": label.name, "colour": label_colour(label.position)} for label in labels]


def thumbnail_url(sha: str) -> str:
    """Where a card's picture comes from; also what is fetched ahead for the next page."""
    return f"{base_path()}/images/{sha}/thumb"


def base_path() -> str:
    """What stands before every address of ours: "" or, behind a proxy that says so, "/curate"."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _as_item(item: Item) -> dict[str, Any]:
    return {
        "image_id": item.image_id,
        "file_name": item.file_name,
        "thumb": thumbnail_url(item.sha),
        "view": f"{base_path()}/images/{item.sha}/view",
        "label": item.label_id,
        "predicted": item.predicted_id,
        "loss": item.loss,
        "p_actual": item.p_actual,
        "p_predicted": item.p_predicted,
        "split": item.split,
        "decision": item.decision,
        "decision_label": item.decision_label_id,
        "decided_by": item.decided_by,
        "checked": item.is_checked,
        "changed": item.trained_label_id if item.is_changed else None,
        "same_picture_elsewhere": item.is_twin,
    }
