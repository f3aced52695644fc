"""What a monitor asks: /healthz (the process answers), /readyz (it can serve), /metrics (numbers for Prometheus)."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from curate.catalog import jobs as job_rows
from curate.review.deciding.decisions import n_decisions
from curate.server.answering import FRESH
from curate.server.api import callers, predict
from curate.server.api.counts import counts
from curate.server.api.problems import problem_of

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


class _Catalog:
    """Reads what changes elsewhere: in other processes, and in the queue of predictions."""

    def collect(self) -> Iterator[Any]:
        """The metrics as they are now."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        jobs = GaugeMetricFamily("curate_jobs", "Jobs by state.", labels=["status"])
        counts = job_rows.count_jobs()
        for status in ("queued", "running", "done", "failed", "cancelled"):
            jobs.add_metric([status], counts.get(status, 0))
        yield jobs
        yield CounterMetricFamily("curate_decisions", "Decisions on pictures, by whomever.", value=n_decisions())
        yield GaugeMetricFamily(
            "curate_predict_waiting_pictures", "Pictures that wait for a prediction.", value=predict.waiting.n_pictures
        )
        yield GaugeMetricFamily(
            "curate_predict_waiting_bytes", "Bytes of pictures that wait for a prediction.",
            value=predict.waiting.n_bytes,
        )  # fmt: skip


@lru_cache(maxsize=1)
def _registry() -> "CollectorRegistry":
    """The API's counts, with what is read from the catalog."""
    registry = counts().registry
    registry.register(_Catalog())  # type: ignore[arg-type]
    return registry


def routes(is_scheduler_up: Callable[[], bool]) -> list[Route]:
    """GET /healthz, /readyz and /metrics."""

    async def get_ready(_request: Request) -> Response:
        """Whether the catalog answers; 503 while it does not."""
        try:
            await to_thread.run_sync(job_rows.count_jobs)
            is_ready = True
        except SQLAlchemyError:
            is_ready = False
        content = {"ready": is_ready, "database": is_ready, "scheduler": is_scheduler_up()}
        return JSONResponse(content, 200 if is_ready else 503, headers=FRESH)

    return [Route("/healthz", get_health), Route("/readyz", get_ready), Route("/metrics", get_metrics)]


async def get_health(_request: Request) -> Response:
    """That the process answers; nothing else is looked at."""
    return PlainTextResponse("ok", headers=FRESH)


async def get_metrics(request: Request) -> Response:
    """The numbers; where people log in, for a token with the scope `read`."""
    from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    try:
        await to_thread.run_sync(callers.identify, request, "read")
        text = await to_thread.run_sync(generate_latest, _registry())
    except Exception as error:
        return problem_of(error)
    return Response(text, headers=FRESH | {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
