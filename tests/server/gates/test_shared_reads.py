"""Reads that are shared by those who ask at the same time."""

import asyncio
import threading

import pytest

from curate.server.gates.shared_reads import SharedReads


def test_whoever_asks_during_a_read_shares_the_next_and_sees_what_was_written_before():
    written, n_reads, may_end = ["old"], 0, threading.Event()

    def work() -> str:
        nonlocal n_reads
        n_reads += 1
        value = written[-1]
        may_end.wait(10)
        return value

    async def ask() -> list[str]:
        reads = SharedReads[str]()
        first = asyncio.create_task(reads.read("key", work))
        while not n_reads:
            await asyncio.sleep(0.001)
        written.append("new")
        others = [asyncio.create_task(reads.read("key", work)) for _ in range(30)]
        await asyncio.sleep(0.01)
        may_end.set()
        return await asyncio.gather(first, *others, reads.read("another", lambda: "another"))

    assert asyncio.run(ask()) == ["old"] + ["new"] * 30 + ["another"]
    assert n_reads == 2


def test_an_error_reaches_all_and_one_who_leaves_takes_nobody_along():
    may_end = threading.Event()

    def fail() -> str:
        may_end.wait(10)
        raise LookupError("gone")

    async def ask() -> None:
        reads = SharedReads[str]()
        calls = [asyncio.create_task(reads.read("key", fail)) for _ in range(3)]
        await asyncio.sleep(0.01)
        calls[1].cancel()
        await asyncio.sleep(0.01)
        may_end.set()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(each) for each in results] == [LookupError, asyncio.CancelledError, LookupError]
        with pytest.raises(LookupError):
            await reads.read("key", fail)
        assert await reads.read("key", lambda: "there") == "there"

    asyncio.run(ask())
