"""What the tests of the grid do in a page, and what they look for there and in the database."""

from collections.abc import Callable
from typing import Any

from curate.catalog.images import image_rows

Opened = Callable[..., Any]


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def wait_saved(page: Any) -> None:
    """Until nothing waits to be sent, the bar says so, and no card is waiting."""
    page.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('curate.waiting'))")
    page.wait_for_selector(".status[data-state='saved']")
    page.wait_for_selector(".card.waiting", state="detached")


def stored(review: Any) -> list[tuple[str | None, int | None]]:
    """(decision, new label) of every image, in the grid's order, as the database has it."""
    return [(row.decision, row.decision_label_id) for row in image_rows(review.image_ids)]


def decided_cards(page: Any) -> list[str]:
    """What the cards of the page show: none, keep, delete or relabel."""
    return page.eval_on_selector_all(".card", "cards => cards.map((card) => card.dataset.decision)")


def cursor(page: Any) -> int:
    return page.eval_on_selector_all(".card", "cards => cards.findIndex((c) => c.classList.contains('cursor'))")
