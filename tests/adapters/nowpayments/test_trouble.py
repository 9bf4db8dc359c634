"""Every trouble that the stand-in can make ends in one of the three failures, for reads and for creates."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from nproxy.billing.models import ProcessorLine
from nproxy.billing.processors import (
    ProcessorBusy,
    ProcessorDown,
    ProcessorFailed,
    ProcessorRefused,
    Reason,
    line,
    nowpayments,
)
from nproxy.billing.processors.nowpayments import NowPayments
from nproxy.billing.rules.wire import Status
from nproxy.kit.threads import in_database
from nproxy_sandbox.nowpayments.faults import SAYS
from nproxy_sandbox.nowpayments.till import Till

# The line to the processor stands in the database, where all workers see it.
pytestmark = pytest.mark.django_db(transaction=True)

BUSY = "too_many too_many_wait"
REFUSED = {
    "bad_key": Reason.KEY_REJECTED,
    "bad_key_401": Reason.KEY_REJECTED,
    "bad_parameters": Reason.OTHER,
    "below_minimum": Reason.BELOW_MINIMUM,
    "unavailable": Reason.COIN_UNAVAILABLE,
}
# May have acted: the request had left, or a gateway answered for who knows what.
DOWN_MAYBE_ACTED = """
    internal maintenance reset closed reset_mid_body closed_mid_body truncated_json huge_60mb huge_70mb
    html_200 html_500 html_502 text_503 empty_500 empty_200
    """
DOWN_UNCLEAR = "gzip gzip_bomb"
DOWN_NOT_ACTED = "redirect sorry text_413 new_kind"
ODD = """
    another_payment another_price another_coin another_order no_address no_status spelled_id negative words
    """
TAKES_TIME = {"hang", "stall_mid_body", "trickle"}
HARMLESS = {"all_text", "sparse", "new_status", "endless", "missing"}


async def create(adapter: NowPayments) -> object:
    return await adapter.create(
        attempt_ref="0193512e-8c2a", price_cents=1900, coin="usdttrc20", callback_url="http://127.0.0.1:9/"
    )


def number_of_a_payment(till: Till) -> int:
    return till.payments()[0].number


def test_every_trouble_of_the_stand_in_has_a_row() -> None:
    rows = f"{BUSY} {DOWN_MAYBE_ACTED} {DOWN_UNCLEAR} {DOWN_NOT_ACTED} {ODD}".split()
    assert {*rows, *REFUSED, *HARMLESS, *TAKES_TIME} == set(SAYS)


@pytest.mark.parametrize("fault", BUSY.split())
async def test_too_many_is_busy_and_the_line_rests(adapter: NowPayments, till: Till, fault: str) -> None:
    till.control.order(fault)
    with pytest.raises(ProcessorBusy) as busy:
        await adapter.coins()
    assert busy.value.retry_after >= (30 if fault == "too_many_wait" else line.FIRST_REST)
    till.control.order(None)
    with pytest.raises(ProcessorBusy) as still:
        await adapter.minimum("btc")
    assert 0 < still.value.retry_after <= busy.value.retry_after
    assert len(till.control.calls()) == 1


async def test_each_rest_in_a_row_is_longer_and_an_answer_ends_the_row(
    adapter: NowPayments, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "FIRST_REST", 0.01)
    till.control.order("too_many", times=3)
    rests = []
    for _ in range(3):
        with pytest.raises(ProcessorBusy) as busy:
            await adapter.minimum("btc")
        rests.append(busy.value.retry_after)
        await asyncio.sleep(busy.value.retry_after)
    assert rests == pytest.approx([0.01, 0.02, 0.04])
    await adapter.minimum("btc")
    till.control.order("too_many", times=1)
    with pytest.raises(ProcessorBusy) as again:
        await adapter.minimum("btc")
    assert again.value.retry_after == pytest.approx(0.01)


@pytest.mark.parametrize(("fault", "reason"), REFUSED.items())
async def test_a_refusal_has_its_reason(adapter: NowPayments, till: Till, fault: str, reason: Reason) -> None:
    till.control.order(fault)
    with pytest.raises(ProcessorRefused) as refused:
        await create(adapter)
    assert refused.value.reason is reason
    assert till.payments() == []


async def test_missing_is_a_payment_that_is_unknown_and_nothing_else(
    adapter: NowPayments, till: Till
) -> None:
    till.control.order("missing")
    with pytest.raises(ProcessorRefused) as refused:
        await adapter.fetch("42")
    assert refused.value.reason is Reason.UNKNOWN_PAYMENT
    with pytest.raises(ProcessorRefused) as refused:
        await create(adapter)
    assert refused.value.reason is Reason.OTHER


@pytest.mark.parametrize("fault", DOWN_MAYBE_ACTED.split())
async def test_a_create_without_an_answer_may_have_acted(
    adapter: NowPayments, till: Till, fault: str
) -> None:
    till.control.order(fault, key="create")
    with pytest.raises(ProcessorDown) as down:
        await create(adapter)
    assert down.value.may_have_acted


@pytest.mark.parametrize("fault", DOWN_NOT_ACTED.split())
async def test_a_page_of_a_front_end_says_nothing_of_our_key(
    adapter: NowPayments, till: Till, fault: str
) -> None:
    till.control.order(fault)
    with pytest.raises(ProcessorDown) as down:
        await create(adapter)
    assert not down.value.may_have_acted
    assert till.control.trap_visits == 0, "a redirect was followed"


@pytest.mark.parametrize("fault", [*DOWN_MAYBE_ACTED.split(), *DOWN_NOT_ACTED.split()])
async def test_a_read_without_an_answer_is_down(adapter: NowPayments, till: Till, fault: str) -> None:
    await create(adapter)
    till.control.order(fault)
    with pytest.raises(ProcessorDown):
        await adapter.fetch(str(number_of_a_payment(till)))
    with pytest.raises(ProcessorDown):
        await adapter.coins()


@pytest.mark.parametrize("fault", DOWN_UNCLEAR.split())
async def test_an_answer_packed_unasked_does_no_harm(adapter: NowPayments, till: Till, fault: str) -> None:
    till.control.order(fault)
    if fault == "gzip":
        assert len(await adapter.coins()) == 4
        return
    with pytest.raises(ProcessorDown):
        await adapter.coins()


@pytest.mark.parametrize("fault", ODD.split())
async def test_an_odd_answer_is_never_shown_to_a_payer(adapter: NowPayments, till: Till, fault: str) -> None:
    till.control.order(fault, key="create")
    if fault == "another_payment":  # an id is an id: that it exists is proved by the next read
        await create(adapter)
        return
    with pytest.raises(ProcessorDown) as down:
        await create(adapter)
    assert down.value.may_have_acted


@pytest.mark.parametrize(
    "fault", ["another_payment", "no_status", "spelled_id", "negative", "words", "endless"]
)
async def test_an_odd_read_decides_nothing(adapter: NowPayments, till: Till, fault: str) -> None:
    await create(adapter)
    till.control.order(fault)
    with pytest.raises(ProcessorDown):
        await adapter.fetch(str(number_of_a_payment(till)))


@pytest.mark.parametrize("fault", ["all_text", "sparse"])
async def test_types_may_change_and_what_is_not_needed_may_be_missing(
    adapter: NowPayments, till: Till, fault: str
) -> None:
    await create(adapter)
    number = number_of_a_payment(till)
    till.pay(number, until="finished")
    till.control.order(fault)
    seen = await adapter.fetch(str(number))
    assert (seen.status, seen.price_cents, seen.pay_coin) == (Status.FINISHED, 1900, "usdttrc20")
    assert seen.actually_paid == seen.pay_amount == Decimal("19.011407")
    assert await create(adapter)


async def test_a_status_that_nobody_has_heard_of_is_unknown_and_kept_as_spelled(
    adapter: NowPayments, till: Till
) -> None:
    await create(adapter)
    till.control.order("new_status")
    seen = await adapter.fetch(str(number_of_a_payment(till)))
    assert (seen.status, seen.status_word) == (Status.UNKNOWN, "pondering")


async def test_a_lost_answer_has_made_a_payment(adapter: NowPayments, till: Till) -> None:
    till.control.order("reset", key="create")
    with pytest.raises(ProcessorDown) as down:
        await create(adapter)
    assert down.value.may_have_acted
    assert [each.wanted.order_id for each in till.payments()] == ["0193512e-8c2a"]


async def test_nobody_listening_has_not_acted(adapter: NowPayments, settings: Settings) -> None:
    settings.NPROXY_NOWPAYMENTS_BASE_URL = "http://127.0.0.1:1/v1"
    with pytest.raises(ProcessorDown) as down:
        await create(adapter)
    assert not down.value.may_have_acted


@pytest.mark.parametrize("fault", ["hang", "stall_mid_body", "trickle"])
async def test_patience_ends(
    adapter: NowPayments, till: Till, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(nowpayments, "READ_SECONDS", 0.2)
    till.control.order(fault)
    with pytest.raises(ProcessorDown) as down:
        await create(adapter)
    assert down.value.may_have_acted


@pytest.mark.parametrize("fault", sorted(set(SAYS) - TAKES_TIME))
async def test_no_failure_shows_the_key(
    adapter: NowPayments, till: Till, settings: Settings, fault: str
) -> None:
    await create(adapter)
    till.control.order(fault)
    try:
        seen = await adapter.fetch(str(number_of_a_payment(till)))
    except ProcessorFailed as failure:
        shown = f"{failure!r} {failure} {failure.__cause__!r}"
    else:
        shown = f"{seen!r} {seen.raw}"
    assert settings.NPROXY_NOWPAYMENTS_API_KEY not in shown


async def test_calls_stand_in_line_one_after_the_other(
    adapter: NowPayments, till: Till, settings: Settings
) -> None:
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.05
    till.control.order("trickle", seconds=0.1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(adapter.minimum("btc") for _ in range(4)))
    assert loop.time() - began >= 0.35
    assert len(till.control.calls()) == 4


async def test_whoever_waits_for_an_address_goes_before_all_that_can_wait(
    adapter: NowPayments, till: Till, settings: Settings
) -> None:
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.05
    patient = [asyncio.create_task(adapter.minimum("btc")) for _ in range(5)]
    await patient[0]
    await create(adapter)
    made = [call.operation for call in till.control.calls()].index("create")
    await asyncio.gather(*patient)
    # That one, and the one that stood at the lock already.
    assert made <= 2
    assert len(till.control.calls()) == 6


async def test_a_turn_that_the_database_s_clock_has_put_far_off_is_not_waited_for(
    adapter: NowPayments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LONGEST_WAIT", 0.0)
    await adapter.minimum("btc")
    an_hour_later = timezone.now() + timedelta(hours=1)
    await in_database(ProcessorLine.objects.update, free_at=an_hour_later, rests_until=an_hour_later)
    assert (await adapter.minimum("btc")).coin == "btc"


async def test_one_that_gives_up_waiting_does_not_hold_up_the_line(
    adapter: NowPayments, settings: Settings
) -> None:
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.1
    calls = [asyncio.create_task(adapter.minimum("btc")) for _ in range(3)]
    await asyncio.sleep(0.02)
    calls[1].cancel()
    assert (await calls[2]).coin == "btc"


def test_workers_that_know_nothing_of_each_other_are_spaced(
    adapter: NowPayments, till: Till, settings: Settings
) -> None:
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.1

    async def worker() -> None:
        for _ in range(3):
            await adapter.minimum("btc")

    began = time.monotonic()
    with ThreadPoolExecutor(2) as workers:  # an event loop each, as two processes have
        for done in [workers.submit(asyncio.run, worker()) for _ in range(2)]:
            done.result()
    assert time.monotonic() - began >= 0.5
    assert len(till.control.calls()) == 6


def test_what_one_worker_is_told_every_worker_heeds(adapter: NowPayments, till: Till) -> None:
    till.control.order("too_many_wait", times=1)
    for _ in range(2):
        with pytest.raises(ProcessorBusy) as busy:
            asyncio.run(adapter.minimum("btc"))
        assert 25 < busy.value.retry_after <= 30
    assert len(till.control.calls()) == 1
