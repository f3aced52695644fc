"""The card of a scored picture on Evaluate: label, predicted label, and what was decided since."""

from curate.catalog.projects import LabelRow
from curate.evaluation import per_cent
from curate.review.listing.pages import Item
from curate.ui.components import cards
from curate.ui.rendering import formatting

_DECIDED = {"keep": "kept", "delete": "to be deleted", "relabel": "to be relabelled"}


def make_card(item: Item, names: dict[int, LabelRow]) -> cards.Card:
    """Returns the card of a picture; names: {label id: label}."""
    label, predicted = cards.tag(names.get(item.trained_label_id)), cards.tag(names.get(item.predicted_id))
    decided = _decided_in_words(item, names)
    sentence = (
        f"{formatting.shorten(item.file_name, 80)}: label {label.text}, predicted {predicted.text}; "
        f"{per_cent(item.p_actual)} sure of {label.text}, loss {item.loss:.2f}"
    )
    return cards.Card(
        sha=item.sha,
        caption=f"{sentence}{f'; {decided}' if decided else ''}.",
        tags=(label, predicted),
        shares=(item.p_actual,),
        decision=item.decision,
        decided=decided,
    )


def _decided_in_words(item: Item, names: dict[int, LabelRow]) -> str:
    if item.decision:
        to = f" to {cards.tag(names.get(item.decision_label_id)).text}" if item.decision_label_id else ""
        return f"{_DECIDED[item.decision]}{to}" + (f", said {item.decided_by}" if item.decided_by else "")
    if item.is_changed:
        return f"relabelled to {cards.tag(names.get(item.label_id)).text} since"
    return "confirmed by a person" if item.is_checked else ""
