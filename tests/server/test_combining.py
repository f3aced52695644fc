"""Requests carried out together: what comes in meanwhile waits for the next turn, and errors reach who asked."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from curate.errors import BadInput
from curate.server.combining import Combiner


def test_what_comes_in_while_the_first_is_carried_out_is_carried_out_together() -> None:
    turns: list[list[int]] = []
    may_go = threading.Event()

    def carry_out(asked: Sequence[int]) -> list[int | Exception]:
        turns.append(list(asked))
        may_go.wait(10)
        return [10 * number for number in asked]

    async def ask() -> list[int]:
        combiner = Combiner[int, int](carry_out)
        asked = [asyncio.create_task(combiner.ask("here", 1))]
        while not turns:
            await asyncio.sleep(0)
        asked += [asyncio.create_task(combiner.ask("here", number)) for number in (2, 3)]
        await asyncio.sleep(0)
        may_go.set()
        return list(await asyncio.gather(*asked))

    assert asyncio.run(ask()) == [10, 20, 30]
    assert turns == [[1], [2, 3]]


def test_an_error_reaches_the_one_who_asked_and_a_bug_everybody() -> None:
    def carry_out(asked: Sequence[int]) -> list[int | Exception]:
        if 0 in asked:
            raise ZeroDivisionError
        return [BadInput("odd") if number % 2 else number for number in asked]

    async def ask(*numbers: int) -> list[int | BaseException]:
        combiner = Combiner[int, int](carry_out)
        return list(await asyncio.gather(*(combiner.ask(1, number) for number in numbers), return_exceptions=True))

    assert [str(answer) for answer in asyncio.run(ask(1, 2))] == ["odd", "2"]
    assert [type(answer) for answer in asyncio.run(ask(0, 2))] == [ZeroDivisionError, ZeroDivisionError]


@pytest.mark.parametrize("n", [1, 120])
def test_everybody_is_answered_however_many_ask(n: int) -> None:
    async def ask() -> list[int]:
        combiner = Combiner[int, int](lambda asked: list(asked))
        return list(await asyncio.gather(*(combiner.ask(number % 3, number) for number in range(n))))

    assert asyncio.run(ask()) == list(range(n))
