"""Pages of a run's pictures, by GET, so that the grid can fetch the next one ahead of time.

    GET /api/projects/{project_id}/pages?view={"run_id":3,"sort":"doubt"}&size=48&number=2&after=117
        X-Curate-Token: <curate.review.tokens.sign(reviewer)>
    ->  {"page", "items", "after", "revision", "version_id"}

view: as `View.to_json` writes it.  after: where the page before ended, as that page said (None when it was the last);
it makes the page exact while decisions take pictures out of the list.  items: as from `review.cards.as_items`, true as
of `revision` and `version_id`.  Refusals are {"error": sentence, "hint": sentence}.
"""

from typing import Any

from pydantic_core import from_json
from starlette.routing import Route

from curate import store
from curate.catalog import projects, runs
from curate.catalog.versions import head_id
from curate.errors import BadInput, NotFound
from curate.review.deciding.decisions import revision
from curate.review.listing import cards, pages
from curate.review.listing.views import View
from curate.server.answering import Asked, answered

MOST_CARDS = 500


def routes() -> list[Route]:
    """GET /api/projects/{project_id}/pages."""
    return [Route("/api/projects/{project_id:number}/pages", answered(_page))]


def _page(asked: Asked) -> dict[str, Any]:
    """One page; see the module's words."""
    project_id, query = asked.project_id, asked.query
    view = _view(query.get("view", ""))
    run = runs.find_run(view.run_id)
    if run.project_id != project_id or run.status != "done":
        raise NotFound(f"This project has no finished run {run.id}.")
    number, size = _whole(query.get("number", "1"), 10**9), _whole(query.get("size", "48"), MOST_CARDS)
    # Before the items, so that nothing others decide or apply meanwhile falls between.
    seen_up_to, version_id = revision(project_id), head_id(project_id)
    page = pages.find_page(view, number, size, query.get("after"))
    store.fetch_thumbnails([item.sha for item in page.items])
    items = cards.explained(run.id, page.items, projects.labels(project_id, with_unlabelled=True))
    found = {"page": number, "items": items, "after": page.after}
    return found | {"revision": seen_up_to, "version_id": version_id}


def _view(written: str) -> View:
    try:
        values: Any = from_json(written, allow_inf_nan=False)
    except ValueError as error:
        raise BadInput("`view` is not JSON.") from error
    if not isinstance(values, dict):
        raise BadInput("`view` is an object: the parts of a view.")
    if not all(_is_storable(value) for value in values.values()):
        raise BadInput("`view` has a number or a text that no database can hold.")
    return View.from_json(values)


def _is_storable(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_storable(part) for part in value)
    return "\0" not in value if isinstance(value, str) else not isinstance(value, int) or abs(value) < 2**63


def _whole(given: str, most: int) -> int:
    if not given.isdecimal() or not 1 <= int(given[:12]) <= most:
        raise BadInput(f"{given!r:.30} is not a whole number from 1 to {most:,}.")
    return int(given)
