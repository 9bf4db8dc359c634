"""What the adapter asks for is what it gets, to the last digit, and never by the dashboard's password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import Settings

from nproxy.billing.processors import ProcessorRefused, Reason, processor, takes_payments
from nproxy.billing.processors.nowpayments import NowPayments
from nproxy.billing.rules.wire import CreatedPayment, Status
from nproxy_sandbox.nowpayments.till import Till
from nproxy_sandbox.testing import RunningProcessor

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACK = "http://127.0.0.1:9/webhooks/nowpayments/"


async def made(adapter: NowPayments, coin: str = "usdttrc20", price_cents: int = 1900) -> CreatedPayment:
    return await adapter.create(
        attempt_ref=str(uuid4()), price_cents=price_cents, coin=coin, callback_url=CALLBACK
    )


async def test_coins_are_the_operators_choice_that_the_processor_has_switched_on(
    adapter: NowPayments,
) -> None:
    tether, bitcoin, ether, ripple = await adapter.coins()
    assert [coin.code for coin in (tether, bitcoin, ether, ripple)] == ["usdttrc20", "btc", "eth", "xrp"]
    assert (tether.ticker, tether.network, tether.network_name) == ("USDT", "trx", "Tron (TRC-20)")
    assert ripple.memo_required
    assert not any(coin.memo_required for coin in (tether, bitcoin, ether))


@pytest.mark.parametrize("coin", ["doge", "zec", "usdterc20", "nonsense"])
async def test_a_coin_that_cannot_be_paid_in_is_left_out(
    adapter: NowPayments, settings: Settings, coin: str
) -> None:
    settings.NPROXY_NOWPAYMENTS_COINS = (coin, "btc")
    assert [each.code for each in await adapter.coins()] == ["btc"]


async def test_a_minimum_is_asked_with_the_payout_coin_named(
    adapter: NowPayments, settings: Settings
) -> None:
    same = await adapter.minimum("usdttrc20")
    assert (same.coin, same.amount, same.cents) == ("usdttrc20", Decimal("3.4"), 340)
    converted = await adapter.minimum("btc")
    assert (converted.amount, converted.cents) == (Decimal("0.000084"), 767)
    settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = "BTC"
    assert (await adapter.minimum("btc")).amount == Decimal("0.00006")


async def test_a_payment_has_what_a_person_needs_to_pay(adapter: NowPayments) -> None:
    ref = str(uuid4())
    payment = await adapter.create(attempt_ref=ref, price_cents=1999, coin="btc", callback_url=CALLBACK)
    assert payment.ref == ref
    assert payment.payment_id.isdigit()
    assert payment.address.startswith("bc1q")
    assert (payment.pay_coin, payment.network, payment.memo) == ("btc", "btc", "")
    assert payment.pay_amount == Decimal("0.00021907")
    assert payment.quote_ends_at
    assert payment.expires_at
    assert payment.expires_at - payment.quote_ends_at == timedelta(days=7, minutes=-20)
    assert abs(payment.quote_ends_at - datetime.now(UTC)) < timedelta(hours=1)
    assert payment.address in payment.raw
    assert "raw" not in repr(payment)


async def test_what_is_asked_for_is_a_floating_rate_with_the_price_in_dollars(
    adapter: NowPayments, till: Till
) -> None:
    payment = await made(adapter, price_cents=1905)
    (kept,) = till.payments()
    assert str(kept.number) == payment.payment_id
    assert (kept.wanted.price, kept.wanted.is_fixed_rate) == (Decimal("19.05"), False)
    assert (kept.wanted.order_id, kept.wanted.callback_url) == (payment.ref, CALLBACK)
    assert (kept.wanted.description or "").isascii()
    assert till.post.letters()[0].url == CALLBACK


async def test_a_coin_with_a_memo_has_its_memo(adapter: NowPayments) -> None:
    assert (await made(adapter, "xrp")).memo.isdigit()


async def test_below_the_minimum_names_itself(adapter: NowPayments) -> None:
    with pytest.raises(ProcessorRefused) as refused:
        await made(adapter, "eth")
    assert refused.value.reason is Reason.BELOW_MINIMUM


async def test_an_unknown_coin_names_itself(adapter: NowPayments) -> None:
    with pytest.raises(ProcessorRefused) as refused:
        await made(adapter, "doge")
    assert refused.value.reason is Reason.COIN_UNAVAILABLE


async def test_a_read_shows_the_payment_as_it_is(adapter: NowPayments, till: Till) -> None:
    payment = await made(adapter)
    waiting = await adapter.fetch(payment.payment_id)
    assert (waiting.status, waiting.actually_paid, waiting.payin_hash) == (Status.WAITING, 0, "")
    assert (waiting.ref, waiting.price_cents, waiting.price_currency) == (payment.ref, 1900, "usd")
    assert (waiting.pay_coin, waiting.pay_amount) == ("usdttrc20", payment.pay_amount)
    assert (waiting.network, waiting.parent_payment_id) == ("trx", "")

    till.pay(int(payment.payment_id), until="finished")
    finished = await adapter.fetch(payment.payment_id)
    assert (finished.status, finished.status_word) == (Status.FINISHED, "finished")
    assert finished.actually_paid == payment.pay_amount
    assert finished.outcome_coin == "usdttrc20"
    assert finished.outcome_amount
    assert finished.outcome_amount < finished.actually_paid
    assert finished.received_cents is None
    assert finished.payin_hash
    assert finished.updated_at


async def test_tiny_amounts_arrive_to_the_last_digit(adapter: NowPayments, till: Till) -> None:
    payment = await made(adapter, "btc")
    till.pay(int(payment.payment_id), amount=Decimal("0.00000010"), until="finished")
    seen = await adapter.fetch(payment.payment_id)
    assert "1e-7" in seen.raw
    assert (seen.status, seen.actually_paid) == (Status.PARTIALLY_PAID, Decimal("0.0000001"))


async def test_money_that_comes_again_is_a_child(adapter: NowPayments, till: Till) -> None:
    payment = await made(adapter)
    own, second = till.pay(int(payment.payment_id), "twice", until="finished")
    parent = await adapter.fetch(str(own))
    child = await adapter.fetch(str(second))
    assert parent.child_payment_ids == (child.payment_id,)
    assert (child.parent_payment_id, child.ref) == (parent.payment_id, payment.ref)
    assert (child.status, child.actually_paid) == (Status.PARTIALLY_PAID, payment.pay_amount)


async def test_the_wrong_coin_is_never_the_one_that_was_asked_for(adapter: NowPayments, till: Till) -> None:
    payment = await adapter.create(
        attempt_ref="a", price_cents=1900, coin="usdcsol", callback_url="http://x/"
    )
    (child,) = till.pay(int(payment.payment_id), "wrong_coin", until="finished")
    assert (await adapter.fetch(str(child))).pay_coin == "usdttrc20"


async def test_a_wrong_coin_is_a_child_in_that_coin_with_its_value(adapter: NowPayments, till: Till) -> None:
    payment = await made(adapter)
    (child_number,) = till.pay(int(payment.payment_id), "wrong_coin", until="finished")
    child = await adapter.fetch(str(child_number))
    assert (child.status, child.pay_coin) == (Status.WRONG_ASSET, "usdcsol")
    assert child.received_cents == 1900
    assert (await adapter.fetch(payment.payment_id)).status is Status.WAITING


async def test_a_payment_of_another_key_reads_as_unknown(adapter: NowPayments, settings: Settings) -> None:
    payment = await made(adapter)
    before = adapter.key_fingerprint
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-another-key"
    with pytest.raises(ProcessorRefused) as refused:
        await adapter.fetch(payment.payment_id)
    assert refused.value.reason is Reason.UNKNOWN_PAYMENT
    assert adapter.key_fingerprint != before
    assert settings.NPROXY_NOWPAYMENTS_API_KEY not in before


async def test_a_path_cannot_be_smuggled_into_a_read(adapter: NowPayments, till: Till) -> None:
    for odd in ("../auth", "1?x=y", "", "1/2"):
        with pytest.raises(ProcessorRefused):
            await adapter.fetch(odd)
    assert till.control.trap_visits == 0


async def test_only_the_server_key_is_ever_used(adapter: NowPayments, till: Till) -> None:
    await adapter.coins()
    await adapter.minimum("btc")
    await adapter.fetch((await made(adapter)).payment_id)
    assert till.control.trap_visits == 0
    assert {call.operation for call in till.control.calls()} == {"coins", "minimum", "create", "fetch"}


async def test_a_wrong_key_is_refused_by_name(adapter: NowPayments, settings: Settings) -> None:
    settings.NPROXY_NOWPAYMENTS_API_KEY = "live-0123456789abcdef"
    with pytest.raises(ProcessorRefused) as refused:
        await adapter.coins()
    assert refused.value.reason is Reason.KEY_REJECTED
    assert "0123456789" not in str(refused.value)


async def test_without_settings_nothing_is_called(sandbox: RunningProcessor, settings: Settings) -> None:
    assert takes_payments()
    settings.NPROXY_NOWPAYMENTS_API_KEY = ""
    assert not takes_payments()
    with pytest.raises(ProcessorRefused) as refused:
        await processor().coins()
    assert refused.value.reason is Reason.KEY_REJECTED
    assert sandbox.till.control.calls() == []


def test_only_a_stand_in_has_a_page_to_play_on(adapter: NowPayments, settings: Settings) -> None:
    assert adapter.play_page("42").endswith("/payments/42")
    settings.NPROXY_NOWPAYMENTS_BASE_URL = "https://api.nowpayments.io/v1"
    assert adapter.play_page("42") == ""
