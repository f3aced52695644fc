"""Lets an idle server rest: uvicorn's main loop wakes ten times a second, which costs 0.4 % of a core."""

import asyncio
from weakref import WeakSet

import uvicorn

TICK_S = 0.5  # how long Ctrl-C waits at most
_TICKS_PER_S = 10  # what uvicorn's `on_tick` counts; it writes the Date header anew at every tenth

_ending: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def is_ending() -> bool:
    """Whether this loop's server waits for its last answers: those that would never end have to."""
    return asyncio.get_running_loop() in _ending


def slow_down() -> None:
    """Let uvicorn look twice a second whether to exit. To be called before its main loop begins, as in a lifespan."""
    setattr(uvicorn.Server, "main_loop", _main_loop)  # noqa: B010 (mypy takes an assignment for a mistake)


async def _main_loop(server: uvicorn.Server) -> None:
    ticks = 0
    while not await server.on_tick(ticks):
        await asyncio.sleep(TICK_S)
        ticks += int(TICK_S * _TICKS_PER_S)
    _ending.add(asyncio.get_running_loop())
