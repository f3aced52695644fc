"""Operations as routes: who asks, how often, with which values; then the answer, or the reason for none."""

import inspect
import time
from collections.abc import Iterable, Mapping
from typing import Any

from anyio import CapacityLimiter, fail_after, to_thread
from pydantic import BaseModel, ValidationError
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from curate.server.answering import FRESH, read_body
from curate.server.api import callers, problems
from curate.server.api.counts import counts
from curate.server.api.fields import Fields, are_models_built, build_models
from curate.server.api.operations import Call, Caller, Operation
from curate.server.api.problems import Mistake, TooSlow, Unsupported, Unusable, problem, problem_of
from curate.server.api.rates import rates
from curate.server.gates.turns import WRITERS, in_turn

ROOT = "/api/v1"
BODY_S = 60.0  # in which a JSON body has to be there
JSON = "application/json"


def routes_of(operations: Iterable[Operation]) -> list[Route]:
    """A route for each path, and one that answers for all paths there are not."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = [Route(f"{ROOT}{path}", _Path(methods)) for path, methods in by_path.items()]
    return [*routes, Route(f"{ROOT}/{{rest:anything}}", _Nowhere()), Route(ROOT, _Nowhere())]


class _Anything(Convertor[str]):
    """What Starlette's own `path` takes, and line breaks."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """The text itself."""
        return value

    def to_string(self, value: str) -> str:
        """The text itself."""
        return value


register_url_convertor("anything", _Anything())


class _Path:
    """The operations of one path, by their method."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            allowed = {"Allow": ", ".join(sorted(self._operations))}
            answer: Response = problem(405, f"This path takes {allowed['Allow']}.", headers=allowed)
        else:
            answer = await _answer(operation, request)
        await answer(scope, receive, send)


class _Nowhere:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(404, "The API has nothing at this address.", "GET /api/docs describes what there is.")
        await answer(scope, receive, send)


async def _answer(operation: Operation, request: Request) -> Response:
    began = time.perf_counter()
    answer = await _reply(operation, request)
    counts().seconds.labels(operation.id, str(answer.status_code)).observe(time.perf_counter() - began)
    return answer


async def _reply(operation: Operation, request: Request) -> Response:
    try:
        if not are_models_built():
            await to_thread.run_sync(build_models)
        caller = await _identify(operation, request)
        rates.count(caller.key)
        call = await _checked(operation, request, caller)
        if inspect.iscoroutinefunction(operation.answer):
            reply = await operation.answer(call)
        else:
            reply = await in_turn(operation.limiter or _usual_limiter(operation), operation.answer, call)
    except Exception as error:  # whatever it is, a program gets an answer that it can read
        return problem_of(error)
    return reply if isinstance(reply, Response) else as_json(reply, operation.status)


async def _identify(operation: Operation, request: Request) -> Caller:
    if "authorization" in request.headers:  # a token is looked up in the database
        return await to_thread.run_sync(callers.identify, request, operation.scope)
    return callers.identify(request, operation.scope)


def as_json(reply: BaseModel, status: int = 200) -> Response:
    """An answer that nobody keeps."""
    return Response(reply.model_dump_json(), status, headers=FRESH, media_type=JSON)


def _usual_limiter(operation: Operation) -> CapacityLimiter:
    return to_thread.current_default_thread_limiter() if operation.method == "GET" else WRITERS


async def _checked(operation: Operation, request: Request, caller: Caller) -> Call:
    """The call with its values validated. Raises Unusable, Unsupported, TooLarge, TooSlow."""
    query = _query(operation.query, request)
    body = await _body(operation.body, request) if operation.body else None
    return Call(caller, request.path_params, query, body, request)


def _query(model: type[Fields], request: Request) -> Fields:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise Unusable([Mistake(where=f"query.{name:.80}", why="It stands there twice.")])
        given[name] = value
    return _validated(model, given, "query")


async def _body(model: type[Fields], request: Request) -> Fields:
    if media_type(request) != JSON:
        raise Unsupported(f"The body has to be {JSON}.")
    try:
        with fail_after(BODY_S):
            raw = await read_body(request)
    except TimeoutError as error:
        raise TooSlow(f"The body did not arrive within {BODY_S:.0f} s.") from error
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise Unusable(problems.mistakes_of(error, "body")) from error


def _validated(model: type[Fields], values: Mapping[str, Any], where: str) -> Fields:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Unusable(problems.mistakes_of(error, where)) from error


def media_type(request: Request) -> str:
    """The body's type, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
