"""What a tap wants to know from outside: asked before the transaction that takes the tap, never in it.

A tap that comes again after a crash asks again: nothing is changed by asking.
"""

from __future__ import annotations

import asyncio
from html import escape

from django.utils import timezone

from nproxy.bot.acting import ACTS, Tap, key_of
from nproxy.kit.money import usd
from nproxy.kit.secrets import SealBroken, WrongEncryptionKey
from nproxy.kit.threads import in_database
from nproxy.providers import actions as providers
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.actions import Visitor

SECONDS = 20
WORDS = {
    providers.UnknownKey: "This key is gone.",
    providers.NotOffered: "Its provider does not tell balances.",
}


async def ask(visitor: Visitor, tap: Tap) -> str:
    """What the provider says, in a line; empty where nothing is to be asked, or not by this visitor."""
    wanted = await in_database(_wanted, visitor, tap)
    if wanted is None:
        return ""
    verb, key_id = wanted
    try:
        async with asyncio.timeout(SECONDS):
            return await (_test(visitor, key_id) if verb == "test" else _balance(visitor, key_id))
    except TimeoutError:
        return f"🔴 No answer within {SECONDS} seconds."
    except (providers.UnknownKey, providers.NotOffered, WrongEncryptionKey, SealBroken) as error:
        return f"🔴 {WORDS.get(type(error), 'The stored secret does not open: see nproxy doctor.')}"


def _wanted(visitor: Visitor, tap: Tap) -> tuple[str, int] | None:
    admin = queries.admin(visitor.telegram_id)
    if admin is None or not admin.may_act:
        return None
    if tap.verb in {"test", "balance"} and tap.argument.isdigit():
        return tap.verb, int(tap.argument)
    if tap.verb == "fix" and (found := key_of(tap.argument)) is not None and found[0] in ACTS:
        return ACTS[found[0]], found[1]
    return None


async def _test(visitor: Visitor, key_id: int) -> str:
    test = await providers.test_key(key_id=key_id, actor=telegram.actor_of(visitor), now=timezone.now())
    if test.is_ok:
        return f"🟢 It works: {test.seconds:.1f} s" + (f" through {escape(test.via)}" if test.via else "")
    return f"🔴 {test.verdict.value.replace('_', ' ')}: {escape(test.detail)}"


async def _balance(visitor: Visitor, key_id: int) -> str:
    actor = telegram.actor_of(visitor)
    told = await providers.refresh_balance(key_id=key_id, actor=actor, now=timezone.now())
    if told.balance is None:
        return f"🔴 {told.classified.verdict.value.replace('_', ' ')}: {escape(told.classified.detail)}"
    left = told.balance.remaining_microusd
    return "🟢 The key has no limit." if left is None else f"🟢 {usd(left)} left."
