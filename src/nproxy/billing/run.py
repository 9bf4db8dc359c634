"""What the worker does with the processor: get an address, read a payment, follow a callback, keep the coins fresh.

Decide and write, call out, write: no transaction is open during a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from nproxy.billing import attempts, incoming, offers, polling, settlement
from nproxy.billing.models import Payment, PaymentEvent
from nproxy.billing.processors import (
    Processor,
    ProcessorBusy,
    ProcessorDown,
    ProcessorFailed,
    ProcessorRefused,
    Reason,
    processor,
)
from nproxy.billing.rules.schedule import pause_before_another_try
from nproxy.billing.rules.wire import Coin, Minimum
from nproxy.kit.addresses import full
from nproxy.kit.threads import in_database

log = structlog.get_logger(__name__)

CALLBACK_PATH = "/webhooks/nowpayments/"


class Reading(StrEnum):
    """How reading a payment went. `AWAY`: the processor is not to be had now. `NOT_SHOWN`: not this payment."""

    READ = "read"
    NOT_SHOWN = "not shown"
    AWAY = "away"


async def prepare(attempt_id: UUID) -> None:
    """Get the address of an attempt that still needs one; harmless when repeated."""
    service = processor()
    errand = await in_database(attempts.begin, attempt_id, service.key_fingerprint, timezone.now())
    if errand is None:
        return
    try:
        made = await service.create(
            attempt_ref=str(errand.attempt_id),
            price_cents=errand.price_cents,
            coin=errand.coin,
            callback_url=full(CALLBACK_PATH),
        )
    except ProcessorBusy as busy:
        await in_database(attempts.put_back, attempt_id, busy.retry_after)
    except ProcessorDown as down:
        log.warning("payment.create_failed", attempt=str(attempt_id), error=str(down))
        if down.may_have_acted:
            await in_database(attempts.lose, attempt_id, timezone.now())
        else:
            await in_database(attempts.put_back, attempt_id, pause_before_another_try(errand.tries))
    except ProcessorRefused as refusal:
        log.warning("payment.create_refused", attempt=str(attempt_id), error=str(refusal))
        await in_database(attempts.refuse, attempt_id, refusal.reason.value)
        await in_database(offers.after_refusal, refusal.reason, str(refusal), timezone.now())
    else:
        await in_database(attempts.answered, attempt_id, made, timezone.now())


async def handle(event_id: UUID) -> None:
    """Read the payment that a stored callback names. The callback itself decides nothing."""
    service = processor()
    hint = service.hint(await in_database(_body, event_id))
    if hint is None:
        await in_database(incoming.handled, event_id, "names no payment", timezone.now())
        return
    payment_id = await in_database(incoming.notice, event_id, hint, service.name, timezone.now())
    reading = await read(payment_id, told_by="event", service=service)
    await in_database(incoming.handled, event_id, reading.value, timezone.now())


async def read(payment_id: str, *, told_by: str, service: Processor | None = None) -> Reading:
    """Ask how a payment is and do what follows. What cannot be read now, the poller reads later."""
    service = service or processor()
    try:
        seen = await service.fetch(payment_id)
    except ProcessorRefused as refusal:
        if refusal.reason is Reason.KEY_REJECTED:
            await in_database(offers.after_refusal, refusal.reason, str(refusal), timezone.now())
            return Reading.AWAY
        await in_database(_not_shown, service.name, payment_id, timezone.now())
        return Reading.NOT_SHOWN
    except ProcessorFailed as failure:
        log.warning("payment.read_failed", payment=payment_id, error=str(failure))
        return Reading.AWAY
    await in_database(settlement.record, seen, processor=service.name, told_by=told_by, now=timezone.now())
    return Reading.READ


async def poll() -> int:
    """Read all payments that are due, one after the other; how many. When the processor is away the rest waits a bit."""
    service = processor()
    due = await in_database(polling.claim, service.name, timezone.now())
    for done, payment_id in enumerate(due):
        if await read(payment_id, told_by="poll", service=service) is Reading.AWAY:
            await in_database(polling.give_back, service.name, due[done:], timezone.now())
            return done
    return len(due)


def _body(event_id: UUID) -> bytes:
    return bytes(PaymentEvent.objects.values_list("body", flat=True).get(pk=event_id))


def _not_shown(name: str, payment_id: str, now: datetime) -> None:
    payment = Payment.objects.filter(processor=name, payment_id=payment_id).first()
    if payment is not None:
        settlement.unreadable(payment, now)


async def refresh_coins() -> None:
    """Ask which coins are to be had, and each one's minimum. While the processor is away the old answers stay.

    A refusal never has this done again at once: the next round comes by the clock.
    """
    service = processor()
    try:
        coins = await service.coins()
        minimums = await _minimums(service, coins)
        await in_database(offers.take_over, coins, minimums, timezone.now())
    except ProcessorRefused as refusal:
        await in_database(offers.tell_of_refusal, str(refusal), timezone.now())
    except ProcessorFailed as failure:
        log.warning("payment.coins_failed", error=str(failure))
    await in_database(offers.tell)


async def check_processor() -> tuple[list[str], list[str]]:
    """Ask which of the coins that the operator lists are taken now: (taken, not taken). Raises ProcessorFailed."""
    taken = {coin.code for coin in await processor().coins() if not coin.memo_required}
    wanted = [code.lower() for code in settings.NPROXY_NOWPAYMENTS_COINS]
    return [code for code in wanted if code in taken], [code for code in wanted if code not in taken]


async def _minimums(service: Processor, coins: Sequence[Coin]) -> dict[str, Minimum | None]:
    """Each coin's minimum: None for one that is not taken now, nothing for one that could not be asked about."""
    found: dict[str, Minimum | None] = {}
    for coin in coins:
        try:
            found[coin.code] = await service.minimum(coin.code)
        except ProcessorRefused as refusal:
            log.warning("payment.minimum_refused", coin=coin.code, error=str(refusal))
            if refusal.reason is Reason.COIN_UNAVAILABLE:
                found[coin.code] = None
            else:
                await in_database(offers.tell_of_refusal, str(refusal), timezone.now())
        except ProcessorFailed as failure:
            log.warning("payment.minimum_failed", coin=coin.code, error=str(failure))
            break
    return found
