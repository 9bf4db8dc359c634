"""One file per payment processor; which of them speaks for us."""

from __future__ import annotations

from django.conf import settings

from nproxy.billing.processors.interface import (
    Processor,
    ProcessorBusy,
    ProcessorDown,
    ProcessorFailed,
    ProcessorRefused,
    Reason,
)
from nproxy.billing.processors.nowpayments import NowPayments

__all__ = [
    "Processor",
    "ProcessorBusy",
    "ProcessorDown",
    "ProcessorFailed",
    "ProcessorRefused",
    "Reason",
    "processor",
    "takes_payments",
]


def processor() -> Processor:
    """The processor of this installation. Without its settings every call is refused (Reason.KEY_REJECTED)."""
    return NowPayments()


def takes_payments() -> bool:
    """Whether new payments may be made: everything that a checkout needs is configured."""
    return bool(
        settings.NPROXY_NOWPAYMENTS_API_KEY
        and settings.NPROXY_NOWPAYMENTS_IPN_SECRET
        and settings.NPROXY_NOWPAYMENTS_COINS
        and settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN
    )
