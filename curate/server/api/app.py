"""All operations of the API, and the routes that they make."""

from functools import lru_cache

from starlette.routing import Route

from curate.server.api import adding, deciding, documentation, events, exports, images, jobs, predict, reading
from curate.server.api.endpoints import routes_of
from curate.server.api.operations import Operation


@lru_cache(maxsize=1)
def operations() -> tuple[Operation, ...]:
    """Every operation, in the order of the documentation."""
    modules = (reading, images, predict, adding, deciding, jobs, exports, events)
    return tuple(operation for module in modules for operation in module.operations())


def routes() -> list[Route]:
    """The operations' routes, and those of the documentation."""
    return [*documentation.routes(operations), *routes_of(operations())]
