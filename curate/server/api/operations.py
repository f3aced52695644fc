"""What an operation of the API is. Routes, checks and the OpenAPI document are all made from these entries."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from anyio import CapacityLimiter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from curate.catalog.projects import ProjectSummary
from curate.server.api import slugs
from curate.server.api.fields import Fields, NoFields

Scope = Literal["read", "predict", "review", "manage"]


@dataclass(frozen=True)
class Caller:
    """Who sends a request.  name: stands beside what is changed.  key: whose requests are counted together."""

    name: str
    key: str


@dataclass(frozen=True)
class Call:
    """A request that has passed all checks.

    path: what stands in the braces of the operation's path.  query, body: its models, validated; body is None for
    operations that read it themselves.
    """

    caller: Caller
    path: Mapping[str, Any]
    query: Any
    body: Any
    request: Request

    def project(self) -> ProjectSummary:
        """The project that the path names. Raises NotFound."""
        return slugs.find_project(self.path["project"])

    def project_id(self) -> int:
        """Its id only, in one query. Raises NotFound."""
        return slugs.find_project_id(self.path["project"])


Reply = BaseModel | Response
Answer = Callable[[Call], Reply] | Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path.

    answer: called in a thread (of `limiter`'s, if it has one), or awaited if it is a coroutine; then it reads the body
    itself.  reply: the model of its answer, or the media type of bytes.  content: {media type: schema} of a body that
    `answer` reads itself.  refusals: statuses besides those that every operation has.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    scope: Scope
    summary: str
    answer: Answer
    reply: type[BaseModel] | str
    description: str = ""
    status: int = 200
    query: type[Fields] = NoFields
    body: type[Fields] | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    limiter: CapacityLimiter | None = None

    @property
    def id(self) -> str:
        """Its name in the OpenAPI document."""
        return self.answer.__name__.strip("_")

    @property
    def section(self) -> str:
        """The heading that it stands below in the documentation."""
        parts = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return parts[1] if len(parts) > 1 and parts[0] == "projects" else parts[0]
