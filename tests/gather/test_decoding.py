"""Decoding beside the downloader: in processes, whose death costs a picture and not the gathering."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from curate import store
from curate.gather.arrival import Arrived
from curate.gather.decoding import Decoders
from curate.gather.limits import Limits
from curate.gather.near import perceptual_hash
from curate.gather.refused import Refused
from curate.pictures import open_picture


def test_pictures_are_described_in_order_and_a_killed_process_is_started_again(picture: Callable[..., bytes]) -> None:
    async def run() -> tuple[list[Arrived], str, Arrived]:
        async with Decoders(Limits(min_side_px=8)) as decoders:
            first = await asyncio.gather(*(decoders.take_in(picture(number)) for number in range(12)))
            for process in decoders._all:
                assert process._process
                os.kill(process._process.pid, signal.SIGSTOP)
            asked = asyncio.create_task(decoders.take_in(picture(50)))
            await asyncio.sleep(0.1)
            for process in decoders._all:
                assert process._process
                os.kill(process._process.pid, signal.SIGKILL)
            with pytest.raises(Refused) as refused:
                await asked
            return list(first), refused.value.reason, await decoders.take_in(picture(51))

    first, reason, again = asyncio.run(run())
    assert reason == "Decoding it failed"
    assert [store.blob_path(each.sha).read_bytes() for each in first] == [picture(number) for number in range(12)]
    assert (again.width, again.height, again.format, again.n_bytes) == (8, 8, "PNG", len(picture(51)))


def test_a_pictures_hash_is_that_of_the_import(tmp_path: Path, picture: Callable[..., bytes]) -> None:
    async def run(data: bytes) -> Arrived:
        async with Decoders(Limits(min_side_px=8)) as decoders:
            return await decoders.take_in(data)

    for data in (picture(1, side=64), picture(2, kind="JPEG", side=64)):
        ours, imports = asyncio.run(run(data)).phash, perceptual_hash(open_picture(data))
        assert sum((a ^ b).bit_count() for a, b in zip(ours, imports, strict=True)) <= 6
