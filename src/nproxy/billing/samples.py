"""Every mail about money, about sales that were never made: to be looked at in the style guide."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from nproxy.billing import wording
from nproxy.billing.models import Order, Payment, PaymentAttempt, Receipt, Refund, RefundAddress
from nproxy.notifications.rules import Letter

ADDRESS = "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf"
COIN, NETWORK = "usdttrc20", "trx"


def sample_letters(now: datetime) -> dict[str, Letter]:
    """The letters in the language that is active, by their kind. Asks for coins' names, writes nothing."""
    order = Order(id=UUID(int=1), plan_name="Studio", price_cents=1900)
    attempt = PaymentAttempt(
        coin=COIN,
        network=NETWORK,
        address=ADDRESS,
        pay_amount=Decimal("19.204"),
        address_ends_at=now + timedelta(days=7),
    )
    short = Payment(pay_coin=COIN, pay_amount=Decimal("19.204"), actually_paid=Decimal("17.9"))
    refund = Refund(coin=COIN, amount=Decimal("17.9"), transaction="9f2c0b6e51d7a3")
    given = RefundAddress(coin=COIN, network=NETWORK, address=ADDRESS)
    receipt = Receipt(number=42)
    later = now + timedelta(days=12)
    return {
        "order_open": wording.address_ready(order, attempt),
        "payment_seen": wording.payment_seen(order),
        "order_paid": wording.activated(order, receipt, now, is_late=False, now=now),
        "order_paid_late_and_queued": wording.activated(order, receipt, later, is_late=True, now=now),
        "order_underpaid": wording.underpaid(order, short),
        "order_expired": wording.expired(order),
        "order_refunded": wording.refunded(order, refund),
        "refund_address": wording.refund_address(given, "token"),
    }
