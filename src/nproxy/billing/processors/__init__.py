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
    "NEEDED",
    "Processor",
    "ProcessorBusy",
    "ProcessorDown",
    "ProcessorFailed",
    "ProcessorRefused",
    "Reason",
    "missing_settings",
    "processor",
    "takes_payments",
]


def processor() -> Processor:
    """The processor of this installation. Without its settings every call is refused (Reason.KEY_REJECTED)."""
    return NowPayments()


# What a checkout cannot do without.
NEEDED = (
    "NPROXY_NOWPAYMENTS_API_KEY",
    "NPROXY_NOWPAYMENTS_IPN_SECRET",
    "NPROXY_NOWPAYMENTS_COINS",
    "NPROXY_NOWPAYMENTS_PAYOUT_COIN",
)


def missing_settings() -> list[str]:
    """The names of the settings without which no payment can be made."""
    return [name for name in NEEDED if not getattr(settings, name)]


def takes_payments() -> bool:
    """Whether new payments may be made: everything that a checkout needs is configured."""
    return not missing_settings()
