"""The coins on offer, as the processor last described them: kept in rows, so that no page ever waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from nproxy.billing import changes, jobs
from nproxy.billing.models import CoinOffer, Order, Payment
from nproxy.billing.processors import Reason
from nproxy.billing.rules.wire import Coin, Minimum

STALE = timedelta(minutes=15)


@transaction.atomic
def take_over(coins: Sequence[Coin], minimums: Mapping[str, Minimum | None], now: datetime) -> None:
    """What the processor said: the coins, and each one's minimum, None where it said that it does not take the coin.

    Where it said nothing the old minimum stays. Coins that need a memo are not offered: money without it is never
    found by itself.
    """
    gone = {code for code, minimum in minimums.items() if minimum is None}
    _replace([coin for coin in coins if not coin.memo_required and coin.code not in gone], now)
    for minimum in filter(None, minimums.values()):
        _set_minimum(minimum, now)


def _replace(coins: Sequence[Coin], now: datetime) -> None:
    """The whole list anew."""
    CoinOffer.objects.exclude(code__in=[coin.code for coin in coins]).delete()
    for position, coin in enumerate(coins):
        CoinOffer.objects.update_or_create(
            code=coin.code,
            defaults={
                "position": position,
                "ticker": coin.ticker,
                "name": coin.name,
                "network": coin.network,
                "network_name": coin.network_name,
                "refreshed_at": now,
            },
        )


def _set_minimum(minimum: Minimum, now: datetime) -> None:
    """The least that a coin can be paid with."""
    CoinOffer.objects.filter(code=minimum.coin).update(
        minimum_amount=minimum.amount, minimum_cents=minimum.cents, minimum_refreshed_at=now
    )


def ticker(code: str) -> str:
    """What people call the coin: `USDT` for `usdttrc20`."""
    known = CoinOffer.objects.filter(code=code).values_list("ticker", flat=True).first()
    return (known or code).upper()


def network(code: str) -> str:
    """The code of the coin's network, "" for a coin that is not on offer."""
    return CoinOffer.objects.filter(code=code).values_list("network", flat=True).first() or ""


def network_of(payment: Payment) -> str:
    """The code of the network that a payment came over, "" if nobody knows: another coin is not the attempt's."""
    if payment.attempt and payment.attempt.coin == payment.pay_coin:
        return payment.attempt.network
    return network(payment.pay_coin)


def ask_if_stale(now: datetime) -> None:
    """Have the worker refresh the list if it is old, or empty."""
    if not CoinOffer.objects.filter(refreshed_at__gt=now - STALE).exists():
        jobs.refresh_coins()


def after_refusal(reason: Reason, detail: str, now: datetime) -> None:
    """What a refused payment says about the whole: our list is out of date, or the operator has to act."""
    if reason in {Reason.BELOW_MINIMUM, Reason.COIN_UNAVAILABLE}:
        jobs.refresh_coins()
    else:
        tell_of_refusal(detail, now)


def tell_of_refusal(detail: str, now: datetime) -> None:
    """The operator has to act."""
    changes.alert_hourly(
        kind="payments.refused",
        text=f"The payment processor refuses us: {detail}."
        + (" Check NPROXY_NOWPAYMENTS_API_KEY." if settings.NPROXY_NOWPAYMENTS_API_KEY else ""),
        now=now,
    )


def tell() -> None:
    """People who are choosing a coin see the new list. One transaction each: nobody waits for another's lock."""
    choosing = Order.objects.filter(status=Order.Status.OPEN, attempts=None)
    for order_id in choosing.values_list("pk", flat=True):
        with transaction.atomic():
            changes.show(changes.locked(order_id))
