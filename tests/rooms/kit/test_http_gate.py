"""The byte budget: never overdrawn, first come first served, nobody waits for ever."""

from __future__ import annotations

import asyncio
import random

from nproxy.kit.http.gate import ByteGate


async def test_sizes_inside_never_exceed_the_capacity() -> None:
    gate, inside, most = ByteGate(100), 0, 0
    chance = random.Random(7)

    async def read(size: int) -> None:
        nonlocal inside, most
        async with gate.room(size):
            inside += size
            most = max(most, inside)
            await asyncio.sleep(chance.random() / 1000)
            inside -= size

    await asyncio.gather(*(read(chance.randint(1, 60)) for _ in range(300)))
    assert inside == 0
    assert 60 <= most <= 100


async def test_what_is_larger_than_everything_goes_in_alone() -> None:
    gate = ByteGate(10)
    async with asyncio.timeout(5), gate.room(1000):
        small = asyncio.create_task(entered(gate, 1))
        await asyncio.sleep(0)
        assert not small.done()
    await small


async def test_a_small_one_does_not_overtake_a_large_one() -> None:
    gate, order = ByteGate(10), []

    async def enter(size: int) -> None:
        async with gate.room(size):
            order.append(size)

    async with gate.room(6):
        waiting = [asyncio.create_task(enter(size)) for size in (9, 1, 2)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == [9, 1, 2]


async def test_who_gives_up_in_line_leaves_no_trace() -> None:
    gate = ByteGate(10)
    async with gate.room(8):
        first, second = (asyncio.create_task(entered(gate, size)) for size in (9, 2))
        await asyncio.sleep(0)
        first.cancel()
        await second  # fits beside the 8, now that the 9 is gone
    await entered(gate, 10)


async def test_who_is_let_in_while_giving_up_gives_the_room_back() -> None:
    gate = ByteGate(10)
    async with gate.room(10):
        waiting = asyncio.create_task(entered(gate, 10))
        await asyncio.sleep(0)
    waiting.cancel()  # its turn has come, but it has not run yet
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        await entered(gate, 10)


async def entered(gate: ByteGate, size: int) -> None:
    async with gate.room(size):
        pass
