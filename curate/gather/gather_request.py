"""What somebody asks to be gathered, checked and stored, before anything is searched for."""

from typing import Any

from curate.catalog import gatherings, projects
from curate.catalog.gatherings import GatheringRow, NewWish
from curate.errors import BadInput
from curate.gather.limits import Limits
from curate.gather.search_sources import find_source

MOST_WANTED = 10_000
MOST_WISHES = 500


def ask(project_id: int, wishes: list[NewWish], limits: Limits, author: str) -> int:
    """Id of a gathering for these wishes. A draft of just the same (a preview) is gone on with, so that what it found
    is not searched for twice. Raises BadInput, naming the row."""
    if not wishes:
        raise BadInput("Nothing is asked for.", "Fill in a row: a label, and what to search for.")
    if len(wishes) > MOST_WISHES:
        raise BadInput(f"{len(wishes):,} rows are asked for; {MOST_WISHES} fit one gathering.", "Make it several.")
    checked = [_checked(wish, row) for row, wish in enumerate(wishes, start=1)]
    draft = last_draft(project_id)
    if draft and _is_same(draft, checked):
        gatherings.set_limits(draft.id, limits.to_json())
        return draft.id
    return gatherings.create_gathering(project_id, title(checked), author, checked, limits.to_json())


def last_draft(project_id: int) -> GatheringRow | None:
    """The newest gathering of the project when it was only looked at so far."""
    newest = gatherings.list_gatherings(project_id, limit=1)
    return newest[0] if newest and newest[0].status == "draft" else None


def title(wishes: list[NewWish]) -> str:
    """What a gathering is called: its labels."""
    labels = list(dict.fromkeys(wish.label for wish in wishes))
    more = f" and {len(labels) - 3} more labels" if len(labels) > 3 else ""
    return f"Gather {', '.join(labels[:3])}{more}"


def _checked(wish: NewWish, row: int) -> NewWish:
    try:
        label = projects.clean_name(wish.label, "label")
        find_source(wish.source)
    except BadInput as error:
        raise BadInput(f"Row {row}: {error}", error.hint) from error
    query = " ".join(wish.query.split()) or label
    if wish.source != "urls" and not 1 <= wish.n_wanted <= MOST_WANTED:
        raise BadInput(f"Row {row}: between 1 and {MOST_WANTED:,} pictures can be asked for, not {wish.n_wanted:,}.")
    return NewWish(label, query, wish.n_wanted, wish.source, _without_empty(wish.options))


def _without_empty(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}


def _is_same(draft: GatheringRow, wishes: list[NewWish]) -> bool:
    names = NewWish.__dataclass_fields__
    stored = [NewWish(**{name: getattr(wish, name) for name in names}) for wish in gatherings.wishes(draft.id)]
    return stored == wishes
