"""The coins on offer, as the processor last described them: kept in rows, so that no page ever waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from nproxy.billing import changes, jobs
from nproxy.billing.models import CoinOffer, Order
from nproxy.billing.processors import Reason
from nproxy.billing.rules.wire import Coin, Minimum

STALE = timedelta(minutes=15)


@transaction.atomic
def replace(coins: Sequence[Coin], now: datetime) -> None:
    """The whole list anew. Coins that need a memo are not offered: money without it is never found by itself."""
    offered = [coin for coin in coins if not coin.memo_required]
    CoinOffer.objects.exclude(code__in=[coin.code for coin in offered]).delete()
    for position, coin in enumerate(offered):
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


def set_minimum(minimum: Minimum, now: datetime) -> None:
    """The least that a coin can be paid with."""
    CoinOffer.objects.filter(code=minimum.coin).update(
        minimum_amount=minimum.amount, minimum_cents=minimum.cents, minimum_refreshed_at=now
    )


def ticker(code: str) -> str:
    """What people call the coin: `USDT` for `usdttrc20`."""
    known = CoinOffer.objects.filter(code=code).values_list("ticker", flat=True).first()
    return (known or code).upper()


def ask_if_stale(now: datetime) -> None:
    """Have the worker refresh the list if it is old, or empty."""
    if not CoinOffer.objects.filter(refreshed_at__gt=now - STALE).exists():
        jobs.refresh_coins()


def after_refusal(reason: Reason, detail: str, now: datetime) -> None:
    """What a refusal says about the whole: our list is out of date, or the operator has to act."""
    if reason in {Reason.BELOW_MINIMUM, Reason.COIN_UNAVAILABLE}:
        jobs.refresh_coins()
        return
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
