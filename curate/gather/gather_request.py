"""What somebody asks to be gathered, checked and stored, before anything is searched for."""

from typing import Any

from curate.catalog import gatherings, projects
from curate.catalog.gatherings import GatheringRow, NewSearch
from curate.catalog.tables.core import UNLABELLED
from curate.errors import BadInput
from curate.gather.limits import Limits
from curate.gather.search_sources import find_source

MOST_WANTED = 10_000
MOST_SEARCHES = 500


def ask(project_id: int, searches: list[NewSearch], limits: Limits, author: str) -> int:
    """Id of a gathering for these searches. A draft of just the same (a preview) is gone on with, so that what it found
    is not searched for twice. Raises BadInput, naming the row."""
    if not searches:
        raise BadInput("Nothing is asked for.", "Fill in a row: a label, and what to search for.")
    if len(searches) > MOST_SEARCHES:
        raise BadInput(f"{len(searches):,} rows are asked for; {MOST_SEARCHES} fit one gathering.", "Make it several.")
    checked = [_checked(search, row) for row, search in enumerate(searches, start=1)]
    draft = last_draft(project_id)
    if draft and _is_same(draft, checked):
        gatherings.set_limits(draft.id, limits.to_json())
        return draft.id
    return gatherings.create_gathering(project_id, title(checked), author, checked, limits.to_json())


def last_draft(project_id: int) -> GatheringRow | None:
    """The newest gathering of the project when it was only looked at so far."""
    newest = gatherings.list_gatherings(project_id, limit=1)
    return newest[0] if newest and newest[0].status == "draft" else None


def title(searches: list[NewSearch]) -> str:
    """What a gathering is called: its labels, or its queries where pictures come without a label."""
    labels = list(dict.fromkeys(search.label or search.query for search in searches))
    more = f" and {len(labels) - 3} more labels" if len(labels) > 3 else ""
    return f"Gather {', '.join(labels[:3])}{more}"


def _checked(search: NewSearch, row: int) -> NewSearch:
    is_unlabelled = search.label == UNLABELLED and bool(search.query.strip())
    try:
        label = UNLABELLED if is_unlabelled else projects.clean_name(search.label, "label")
        find_source(search.source)
    except BadInput as error:
        raise BadInput(f"Row {row}: {error}", error.hint) from error
    query = " ".join(search.query.split()) or label
    if search.source != "urls" and not 1 <= search.n_wanted <= MOST_WANTED:
        raise BadInput(f"Row {row}: between 1 and {MOST_WANTED:,} pictures can be asked for, not {search.n_wanted:,}.")
    return NewSearch(label, query, search.n_wanted, search.source, _without_empty(search.options))


def _without_empty(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}


def _is_same(draft: GatheringRow, searches: list[NewSearch]) -> bool:
    names = NewSearch.__dataclass_fields__
    stored = [NewSearch(**{name: getattr(search, name) for name in names}) for search in gatherings.searches(draft.id)]
    return stored == searches
