"""What was sold, what was asked for, what came in, and what became of it."""

from __future__ import annotations

from nproxy.billing.models.books import Reconciliation
from nproxy.billing.models.incoming import Observation, Payment, PaymentEvent, QuarantinedEvent
from nproxy.billing.models.lines import ProcessorLine
from nproxy.billing.models.orders import CoinOffer, Order, PaymentAttempt
from nproxy.billing.models.outcomes import (
    Activation,
    Receipt,
    ReceiptCounter,
    Refund,
    RefundAddress,
    Review,
)

__all__ = [
    "Activation",
    "CoinOffer",
    "Observation",
    "Order",
    "Payment",
    "PaymentAttempt",
    "PaymentEvent",
    "ProcessorLine",
    "QuarantinedEvent",
    "Receipt",
    "ReceiptCounter",
    "Reconciliation",
    "Refund",
    "RefundAddress",
    "Review",
]
