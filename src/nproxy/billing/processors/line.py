"""Calls to a processor stand in line: spaced over all workers, and none for a while after it said "too many".

Within a worker one call ends before the next begins; whom a person waits for goes before those who only look after
payments. Equal questions do not share an answer: each is asked because something may have changed since the last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from weakref import WeakKeyDictionary

from django.db import connection

from nproxy.billing.models import ProcessorLine
from nproxy.billing.processors.interface import ProcessorBusy
from nproxy.kit.threads import in_database

FIRST_REST = 5.0
LONGEST_REST = 300.0
# Further off no turn can be unless the database's clock was set back.
LONGEST_WAIT = 30.0

# One statement, so that no two workers get the same turn. No row comes back during a rest.
_TAKE = """
    INSERT INTO billing_processorline AS line (processor, free_at, rests_until, rest_seconds)
    VALUES (%(name)s, clock_timestamp() + %(spacing)s * interval '1 second', clock_timestamp(), %(first)s)
    ON CONFLICT (processor) DO UPDATE
    SET free_at = least(
            greatest(line.free_at, clock_timestamp()), clock_timestamp() + %(wait)s * interval '1 second'
        ) + %(spacing)s * interval '1 second'
    WHERE line.rests_until <= clock_timestamp()
        OR line.rests_until > clock_timestamp() + %(longest)s * interval '1 second'
    RETURNING extract(epoch FROM free_at - clock_timestamp()) - %(spacing)s, rest_seconds
"""
_LEFT = """
    SELECT extract(epoch FROM rests_until - clock_timestamp()) FROM billing_processorline
    WHERE processor = %(name)s
"""
_REST = """
    UPDATE billing_processorline AS line
    SET rests_until = greatest(line.rests_until, clock_timestamp() + rest.seconds * interval '1 second'),
        rest_seconds = least(line.rest_seconds * 2, %(longest)s)
    FROM (
        SELECT processor, least(greatest(rest_seconds, %(asked)s), %(longest)s) AS seconds
        FROM billing_processorline WHERE processor = %(name)s FOR UPDATE
    ) AS rest
    WHERE line.processor = rest.processor
    RETURNING rest.seconds
"""


class Line:
    """Seconds throughout. Belongs to one event loop; what all workers share is in the row of the processor."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = asyncio.Lock()
        # Of those who can wait one at a time stands at the lock, so that an urgent call waits for one of them at most.
        self._patient = asyncio.Lock()
        self._is_first_rest = True

    @asynccontextmanager
    async def turn(self, spacing: float, *, is_urgent: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, at least `spacing` after anybody's last one began. Raises ProcessorBusy during a rest."""
        async with nullcontext() if is_urgent else self._patient, self._lock:
            wait, rest = await in_database(_take, self._name, spacing)
            await asyncio.sleep(wait)
            self._is_first_rest = rest <= FIRST_REST
            yield

    async def turned_away(self, asked_for: float) -> ProcessorBusy:
        """The processor said "too many": rest as long as it `asked_for`, and longer each time in a row."""
        self._is_first_rest = False
        return ProcessorBusy(await in_database(_rest, self._name, asked_for))

    async def answered(self) -> None:
        """It answers again: the next rest is a first one."""
        if not self._is_first_rest:
            await in_database(_forget_rests, self._name)


def _take(name: str, spacing: float) -> tuple[float, float]:
    """Seconds until the turn that is ours now, and the length of the next rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "name": name,
                "spacing": spacing,
                "first": FIRST_REST,
                "longest": LONGEST_REST,
                "wait": LONGEST_WAIT,
            },
        )
        if turn := cursor.fetchone():
            return float(turn[0]), turn[1]
        cursor.execute(_LEFT, {"name": name})
        [left] = cursor.fetchone()
    raise ProcessorBusy(max(float(left), 0))


def _rest(name: str, asked_for: float) -> float:
    with connection.cursor() as cursor:
        cursor.execute(_REST, {"name": name, "asked": asked_for, "longest": LONGEST_REST})
        [seconds] = cursor.fetchone()
    return float(seconds)


def _forget_rests(name: str) -> None:
    ProcessorLine.objects.filter(processor=name).update(rest_seconds=FIRST_REST)


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Line]] = WeakKeyDictionary()


def line(name: str) -> Line:
    """The running loop's place in the line to the processor `name`."""
    return _lines.setdefault(asyncio.get_running_loop(), {}).setdefault(name, Line(name))
