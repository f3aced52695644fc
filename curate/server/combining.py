"""Requests that come in while others are being carried out are carried out together: one transaction, one wait for the
disk, however many people decide at the same moment."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from anyio import to_thread

from curate.server.gates.turns import WRITERS

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
MOST = 50  # requests carried out together: the first of them waits for the last


class Combiner(Generic[Asked, Answer]):
    """`carry_out` gets what was asked under one key, oldest first, in a thread, and answers each: perhaps an error."""

    def __init__(self, carry_out: Callable[[Sequence[Asked]], Sequence[Answer | Exception]]) -> None:
        self._carry_out = carry_out
        self._waiting: dict[Hashable, list[tuple[Asked, asyncio.Future[Answer]]]] = {}
        self._working: dict[Hashable, asyncio.Task[None]] = {}

    async def ask(self, key: Hashable, asked: Asked) -> Answer:
        """The answer, once it and what was asked before under the same key are carried out; raises what came of it."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append((asked, future))
        if key not in self._working:
            self._working[key] = asyncio.create_task(self._work(key))
        return await future

    async def _work(self, key: Hashable) -> None:
        while waiting := self._waiting.pop(key, []):
            chosen, rest = waiting[:MOST], waiting[MOST:]
            if rest:
                self._waiting[key] = rest
            asked = [one for one, _ in chosen]
            done = (
                await asyncio.gather(
                    to_thread.run_sync(self._carry_out, asked, limiter=WRITERS), return_exceptions=True
                )
            )[0]
            # What should not happen happens to everybody who asked: nobody may wait for ever.
            self._tell(chosen, [done] * len(chosen) if isinstance(done, BaseException) else done)
        del self._working[key]

    def _tell(
        self,
        asked: Sequence[tuple[Asked, "asyncio.Future[Answer]"]],
        answers: Sequence[Answer | BaseException],
    ) -> None:
        for (_, future), answer in zip(asked, answers, strict=True):
            if future.done():  # who asked has gone
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
