"""Turns items into the plain dicts that the grid's script reads."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from curate.catalog.projects import LabelRow
from curate.review.listing.explanations import explain_items
from curate.review.listing.pages import Item

_SHARE = re.compile(r"(\d+) of (\d+)")


def explained(run_id: int, items: Sequence[Item], labels: Iterable[LabelRow]) -> list[dict[str, Any]]:
    """Returns the cards of `as_items` with explanations of the run's doubts."""
    return as_items(items, explain_items(run_id, items, {label.id: label.name for label in labels}))


def as_items(items: Iterable[Item], reasons: Mapping[int, str] | None = None) -> list[dict[str, Any]]:
    """Returns the cards of a page, in order. reasons: {image id: explanation, as from `doubts.explain`}.

    Dicts of image_id, sha, file_name, label, predicted (label ids), loss, p_actual, p_predicted, split, decision (None,
    keep, delete, relabel), decision_label, decided_by, the flags same_picture_elsewhere and checked (confirmed in an
    earlier version), changed (None or the label id it had in the run), noted (None or the newest note, flag or open
    question: a dict of kind, by, text, to, n_more); in runs with doubts also doubt in [0, 1], asks_again, why (a
    sentence, names between asterisks), why_short and suggestion (None, or a dict of action, label and p).
    """
    return [_as_item(item) | _doubt(item, (reasons or {}).get(item.image_id, "")) for item in items]


def _as_item(item: Item) -> dict[str, Any]:
    return {
        "image_id": item.image_id,
        "sha": item.sha,
        "file_name": item.file_name,
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
        "same_picture_elsewhere": item.same_picture_elsewhere,
        "noted": asdict(item.noted) if item.noted else None,
    }


def _doubt(item: Item, why: str) -> dict[str, Any]:
    if item.doubt is None:
        return {}
    return {
        "doubt": item.doubt,
        "suggestion": _suggestion(item),
        "asks_again": item.asks_again,
        "why": why,
        "why_short": _SHARE.sub(r"\1/\2", why).replace("held-out ", "").removesuffix("."),
    }


def _suggestion(item: Item) -> dict[str, Any] | None:
    """Returns what accepting does: delete, another label, or keep where the evidence supports the label."""
    if item.suggests_delete:
        return {"action": "delete", "label": None, "p": None}
    if item.suggested_id is not None:
        return {"action": "relabel", "label": item.suggested_id, "p": item.p_suggested}
    if item.is_changed:  # the evidence is about its former label
        return None
    return {"action": "keep", "label": None, "p": item.p_suggested}
