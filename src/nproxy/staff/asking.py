"""Acts that ask somebody outside: for many objects at once, so that the page waits for the slowest and not for their sum."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ObjectDoesNotExist

from nproxy.audit.rules import Actor
from nproxy.staff import acts, seeing
from nproxy.staff.acts import Act, Refused, Words
from nproxy.staff.refusing import refused

if TYPE_CHECKING:
    from nproxy.staff.reading import ReadOnly

AT_ONCE = 10

Outcome = Words | Refused


def ask(
    page: ReadOnly,
    act: Act,
    targets: Sequence[Any],
    data: dict[str, Any],
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> list[Outcome]:
    """What came of asking about each of the objects that are as `seen`; a refusal is recorded."""
    facts = [_changed(page, target, seen) for target in targets]
    unchanged = [target for target, fact in zip(targets, facts, strict=True) if fact is None]
    answers = iter(asyncio.run(_ask_all(act, unchanged, data, actor, now)))
    outcomes: list[Outcome] = []
    for target, fact in zip(targets, facts, strict=True):
        answer = next(answers) if fact is None else fact
        if isinstance(answer, BaseException):
            outcomes.append(refused(page, act, target, answer, actor=actor, now=now))
        else:
            outcomes.append(answer)
    return outcomes


def _changed(page: ReadOnly, target: Any, seen: str) -> Exception | None:
    try:
        page.require_unchanged(page.fresh(target.pk), seen)
    except (seeing.Changed, ObjectDoesNotExist) as fact:
        return fact
    return None


async def _ask_all(
    act: Act, targets: Sequence[Any], data: dict[str, Any], actor: Actor, now: datetime
) -> list[Words | BaseException]:
    gate, perform = asyncio.Semaphore(AT_ONCE), cast("acts.Ask", act.perform)

    async def one(target: Any) -> Words:
        async with gate:
            return await perform(target, data, actor=actor, now=now)

    return await asyncio.gather(*(one(target) for target in targets), return_exceptions=True)
