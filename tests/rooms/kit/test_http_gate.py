"""The byte budget: never overdrawn, first come first served, nobody waits for ever, nothing leaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable

from nproxy.kit.http.gate import ByteGate


async def test_sizes_inside_never_exceed_the_capacity() -> None:
    gate, inside, most = ByteGate(100), 0, 0
    chance = random.Random(7)

    async def read(size: int) -> None:
        nonlocal inside, most
        await gate.enter(size)
        inside += size
        most = max(most, inside)
        await asyncio.sleep(chance.random() / 1000)
        inside -= size

    await asyncio.gather(*(read(chance.randint(1, 60)) for _ in range(300)))
    assert inside == 0
    assert 60 <= most <= 100


async def test_what_is_larger_than_everything_goes_in_alone() -> None:
    gate = ByteGate(10)
    await gate.enter(1000)
    small = asyncio.create_task(gate.enter(1))
    await asyncio.sleep(0)
    assert not small.done()
    gate.leave()
    await within_seconds(small)


async def test_a_small_one_does_not_overtake_a_large_one() -> None:
    gate, order = ByteGate(10), []

    async def enter(size: int) -> None:
        await gate.enter(size)
        order.append(size)

    await gate.enter(6)
    waiting = [asyncio.create_task(enter(size)) for size in (9, 1, 2)]
    await asyncio.sleep(0)
    gate.leave()
    await asyncio.gather(*waiting)
    assert order == [9, 1, 2]


async def test_room_is_held_until_its_task_ends_however_it_ends() -> None:
    gate = ByteGate(10)

    async def stay(then: asyncio.Future[None]) -> None:
        await gate.enter(10)
        await then

    ends = [asyncio.get_running_loop().create_future() for _ in range(3)]
    stays = [asyncio.create_task(stay(end)) for end in ends]
    await asyncio.sleep(0)
    next_in_line = asyncio.create_task(gate.enter(10))
    ends[0].set_result(None)
    ends[1].set_exception(OSError())
    await asyncio.sleep(0)
    assert not next_in_line.done(), "the third has it now"
    stays[2].cancel()
    await within_seconds(next_in_line)
    await asyncio.gather(*stays, return_exceptions=True)


async def test_who_enters_again_gives_back_what_he_had() -> None:
    gate = ByteGate(10)
    for _ in range(5):
        await within_seconds(gate.enter(7))
    assert not await is_let_in(gate, 4)
    assert await is_let_in(gate, 3)


async def test_leaving_twice_gives_back_once() -> None:
    gate = ByteGate(10)
    await gate.enter(10)
    gate.leave()
    gate.leave()
    await gate.enter(10)
    assert not await is_let_in(gate, 1)


async def test_who_gives_up_in_line_leaves_no_trace() -> None:
    gate = ByteGate(10)
    await gate.enter(8)
    first, second = (asyncio.create_task(gate.enter(size)) for size in (9, 2))
    await asyncio.sleep(0)
    first.cancel()
    await within_seconds(second)  # fits beside the 8, now that the 9 is gone
    gate.leave()
    await within_seconds(gate.enter(10))


async def test_who_is_let_in_while_giving_up_gives_the_room_back() -> None:
    gate = ByteGate(10)
    await gate.enter(10)
    waiting = asyncio.create_task(gate.enter(10))
    await asyncio.sleep(0)
    gate.leave()
    waiting.cancel()  # its turn has come, but it has not run yet
    await asyncio.gather(waiting, return_exceptions=True)
    await within_seconds(gate.enter(10))


async def test_who_gives_up_just_before_his_turn_is_passed_over() -> None:
    gate = ByteGate(10)
    await gate.enter(10)
    given_up, patient = (asyncio.create_task(gate.enter(10)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()  # and has not run since
    gate.leave()
    await within_seconds(patient)
    await asyncio.gather(given_up, return_exceptions=True)
    await within_seconds(gate.enter(10))


async def is_let_in(gate: ByteGate, size: int) -> bool:
    """Whether another task finds room at once."""
    other = asyncio.create_task(gate.enter(size))
    await asyncio.sleep(0)
    is_in = other.done()
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    return is_in


async def within_seconds(entering: Awaitable[None]) -> None:
    async with asyncio.timeout(5):
        await entering
