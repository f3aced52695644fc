"""Lets an idle server rest: uvicorn's main loop wakes ten times a second, which costs 0.4 % of a core."""

import asyncio

import uvicorn

TICK_S = 0.5  # how long Ctrl-C waits at most
_TICKS_PER_S = 10  # what uvicorn's `on_tick` counts; it writes the Date header anew at every tenth

_ended: list[uvicorn.Server] = []


def is_ending() -> bool:
    """Whether the server waits for its last answers: those that would never end have to."""
    return bool(_ended)


def slow_down() -> None:
    """Let uvicorn look twice a second whether to exit. To be called before its main loop begins, as in a lifespan."""
    setattr(uvicorn.Server, "main_loop", _main_loop)  # noqa: B010 (mypy takes an assignment for a mistake)


async def _main_loop(server: uvicorn.Server) -> None:
    ticks = 0
    _ended.clear()
    while not await server.on_tick(ticks):
        await asyncio.sleep(TICK_S)
        ticks += int(TICK_S * _TICKS_PER_S)
    _ended.append(server)
