"""Turns items into the JSON of cards that the grid's script reads.

`CardJson` is the one description of that JSON: `make types` writes TypeScript's from it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from curate.catalog.projects import LabelRow
from curate.doubts.stopping import Outlook, doubt_tier
from curate.evaluation import per_cent
from curate.review.listing.explanations import explain_items
from curate.review.listing.pages import Item
from curate.review.listing.score_columns import has_doubts
from curate.review.reports.stopping_estimate import find_estimate
from curate.review.team.notes import Noted

MAX_AGE_S = 10.0  # of what the decisions made of the doubts: a page of cards is not to wait for it
_DRAWN = "Drawn at random"
_SHARE = re.compile(r"(\d+) of (\d+)")


class SuggestionJson(TypedDict):
    """What accepting does: delete, another label, or keep where the evidence supports the label it has."""

    action: Literal["keep", "delete", "relabel"]
    label: int | None


class NotedJson(TypedDict):
    """The newest note, flag or open question; `to`: who was asked; `n_more`: older ones that stand too."""

    kind: str
    by: str
    text: str
    to: str
    n_more: int


class CardJson(TypedDict):
    """A card; labels are ids, `label` 0 = hidden.

    changed: the label that it had in the run, None = the same.  checked: confirmed in an earlier version.  Runs with
    doubts add the last six: doubt in [0, 1], 1 = certainly mislabelled; doubt_text: the probability of a wrong label as
    a percentage, "high", "medium" or "low" while it is not known; why: a sentence, names between asterisks.
    sure_text: of unlabelled images, how sure the prediction is, as a percentage, "" = there is none.
    """

    image_id: int
    sha: str
    file_name: str
    label: int
    predicted: int | None
    loss: float | None
    p_actual: float | None
    p_predicted: float | None
    split: str | None
    decision: str | None
    decision_label: int | None
    decided_by: str | None
    checked: bool
    changed: int | None
    same_picture_elsewhere: bool
    noted: NotedJson | None
    doubt: NotRequired[float]
    doubt_text: NotRequired[str]
    sure_text: NotRequired[str]
    suggestion: NotRequired[SuggestionJson | None]
    asks_again: NotRequired[bool]
    why: NotRequired[str]
    why_short: NotRequired[str]


def explained(run_id: int, items: Sequence[Item], labels: Iterable[LabelRow]) -> list[CardJson]:
    """Returns the cards of `as_items` with explanations of the run's doubts, and what decisions made of these."""
    reasons = explain_items(run_id, items, {label.id: label.name for label in labels})
    return as_items(items, reasons, find_estimate(run_id, MAX_AGE_S).ahead if has_doubts(run_id) else None)


def as_items(
    items: Iterable[Item], reasons: Mapping[int, str] | None = None, outlook: Outlook | None = None
) -> list[CardJson]:
    """Returns the cards of a page, in order.

    reasons: {image id: explanation, as from `doubts.explain`}.  outlook: after the decisions so far; None = before any.
    """
    return [_as_item(item, (reasons or {}).get(item.image_id, ""), outlook) for item in items]


def hidden(items: Sequence[Item]) -> list[CardJson]:
    """Returns cards with the picture and the decision only: no label, score, suggestion, remark or file name.

    They are named by their place: file names and image ids often tell the label.
    """
    return [
        {
            "image_id": item.image_id, "sha": item.sha, "file_name": f"Picture {place}", "label": 0, "predicted": None,
            "loss": None, "p_actual": None, "p_predicted": None, "split": None, "decision": item.decision,
            "decision_label": item.decision_label_id, "decided_by": item.decided_by, "checked": False, "changed": None,
            "same_picture_elsewhere": False, "noted": None,
        }
        for place, item in enumerate(items, 1)
    ]  # fmt: skip


def _as_item(item: Item, why: str, outlook: Outlook | None) -> CardJson:
    card: CardJson = {
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
        "noted": _noted(item.noted) if item.noted else None,
    }
    if item.doubt is not None:
        is_known = outlook is not None and outlook.is_known
        probability = outlook.probability(item.doubt) if outlook and is_known else item.doubt
        card["doubt"] = probability
        card["doubt_text"] = per_cent(probability) if is_known else doubt_tier(item.doubt)
        card["suggestion"] = _suggestion(item)
        card["asks_again"] = item.asks_again
        card["why"] = f"{_DRAWN}. {why}" if item.is_drawn else why
        short = _SHARE.sub(r"\1/\2", why).replace("held-out ", "").removesuffix(".")
        card["why_short"] = _DRAWN if item.is_drawn else short
    return card


def _noted(noted: Noted) -> NotedJson:
    return {"kind": noted.kind, "by": noted.by, "text": noted.text, "to": noted.to, "n_more": noted.n_more}


def _suggestion(item: Item) -> SuggestionJson | None:
    if item.suggests_delete:
        return {"action": "delete", "label": None}
    if item.suggested_id is not None:
        return {"action": "relabel", "label": item.suggested_id}
    if item.is_changed:  # the evidence was about another label than it has now
        return None
    return {"action": "keep", "label": None}
