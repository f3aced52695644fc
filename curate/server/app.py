"""What stands around the pages: the routes beside Streamlit's own, and what happens as the server starts and stops."""

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from anyio import to_thread
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.watcher import polling_path_watcher

from curate import settings
from curate.catalog import database
from curate.catalog import jobs as job_rows
from curate.errors import CurateError
from curate.jobs.runtime.dispatcher_supervisor import DispatcherSupervisor
from curate.pixel_budget import decoding
from curate.server import (
    attribution,
    closeups,
    decision_log,
    decisions,
    exports,
    images,
    index_page,
    labels,
    maps,
    memory,
    metrics,
    notes,
    pages,
    quiet_loop,
    scripts,
    sessions,
    trays,
    uploads,
    write_backs,
)
from curate.server.api import app as api
from curate.server.gates import hosts, visitors
from curate.server.gates.page_uploads import PageUploads
from curate.server.gates.reach import who_can_reach
from curate.server.gates.security_headers import SecurityHeaders
from curate.tray import pictures as tray_pictures

# What the first page would wait for. The component's first mount with a dict imports pandas: two seconds.
WARM = ("pandas", "pyarrow", "plotly.graph_objects", "streamlit.components.v2", "curate.review.reports.run_comparison")
CONFIG_POLL_S = 60.0  # between two looks of Streamlit at its configuration files; its own 0.2 s cost 0.2 % of a core
DECODED_PX = 24_000_000  # at once, for thumbnails and views; larger pictures are decoded in a process of their own

_running: list[
    DispatcherSupervisor
] = []  # this process's, for `health`: Streamlit does not hand lifespan state to routes


def routes() -> list[Route]:
    """Every route of ours, put before Streamlit's; the gated ones know who asks where people log in."""
    modules = (
        *(images, decisions, sessions, notes, labels, pages, closeups, maps),
        *(uploads, attribution, decision_log, write_backs, exports, trays),
    )
    gated = visitors.gated(route for module in modules for route in module.routes())
    own = [Route("/api/health", health), *metrics.routes(_is_scheduler_up)]
    return [*own, *scripts.routes(), *api.routes(), *index_page.routes(), *gated]


def middleware() -> list[Middleware]:
    """What goes around the whole app, pages and routes."""
    checks = (SecurityHeaders, hosts.KnownHosts, visitors.Proxies, PageUploads)
    return [Middleware(check) for check in checks]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Migrate, import what pages need, and run the dispatcher while the server runs.

    Everything imported so far is then left out of garbage collection: Streamlit collects after every rerun, while
    the answer still waits to be sent.
    """
    try:
        visitors.check_secrets()
        settings.check()  # a dispatcher that stumbled over one would start no job
        decoding.most_px = DECODED_PX
        await to_thread.run_sync(database.engine)
    except (CurateError, OSError, SQLAlchemyError) as error:
        _give_up(error)
    for name in WARM:
        importlib.import_module(name)
    quiet_loop.slow_down()
    polling_path_watcher._POLLING_PERIOD_SECS = CONFIG_POLL_S  # type: ignore[misc]
    gc.collect()
    gc.freeze()
    print(await to_thread.run_sync(who_can_reach), file=sys.stderr, flush=True)
    supervisor = DispatcherSupervisor()
    supervisor.start()
    _running.append(supervisor)
    keeping_small = asyncio.create_task(memory.keep_small())
    try:
        yield {}
    finally:
        keeping_small.cancel()
        _running.remove(supervisor)
        await to_thread.run_sync(supervisor.stop)
        tray_pictures.remove_open()


def _give_up(error: Exception) -> NoReturn:
    """End the process with one sentence: Streamlit would stay, and answer nobody."""
    hint = error.hint if isinstance(error, CurateError) else ""
    print(f"Curate cannot start. {str(error).splitlines()[0]} {hint}".strip(), file=sys.stderr, flush=True)
    os._exit(1)


def _is_scheduler_up() -> bool:
    return any(supervisor.is_up for supervisor in _running)


async def health(_request: Request) -> Response:
    """{"ok", "database", "scheduler", "jobs": {status: n}}; 503 while the database does not answer.

    `ok` is about the server: it stays true while Dask is still starting, since pages work and jobs wait.
    """
    try:
        jobs = await to_thread.run_sync(job_rows.count_jobs)
    except OperationalError:
        jobs = None
    answer = {
        "ok": jobs is not None,
        "database": jobs is not None,
        "scheduler": _is_scheduler_up(),
        "jobs": jobs or {},
    }
    return JSONResponse(answer, 200 if answer["ok"] else 503, headers={"Cache-Control": "no-store"})
