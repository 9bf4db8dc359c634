"""Waiting in line: first come, first called, and nobody for longer than he wants."""

from __future__ import annotations

import asyncio

from nproxy.routing import line


async def stand(names: list[str], name: str, seconds: float = 60) -> None:
    await line.wait(seconds)
    names.append(name)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_in_line_is_called_first() -> None:
    called: list[str] = []
    waiting = [asyncio.create_task(stand(called, name)) for name in "abc"]
    await settle()
    line.move_up()
    await settle()
    assert called == ["a"]
    line.move_up()
    line.move_up()
    line.move_up()
    await asyncio.gather(*waiting)
    assert called == ["a", "b", "c"]


async def test_whoever_waited_long_enough_looks_by_himself() -> None:
    await asyncio.wait_for(line.wait(0.01), 60)


async def test_whoever_leaves_is_not_called() -> None:
    called: list[str] = []
    first, second = (asyncio.create_task(stand(called, name)) for name in "ab")
    await settle()
    first.cancel()
    await settle()
    line.move_up()
    await asyncio.wait_for(second, 60)
    assert called == ["b"]
