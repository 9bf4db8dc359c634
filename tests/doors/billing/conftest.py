"""A shop that is open, and a buyer's browser at its door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, Sale

from nproxy.accounts.models import User
from nproxy.billing.rules.wire import Status

SECRET = "sandbox-ipn-secret"


@pytest.fixture
def open_for_business(settings: Settings) -> None:
    """All that a checkout needs to know, and no plan yet."""
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = (SECRET,)
    settings.NPROXY_NOWPAYMENTS_COINS = ("usdttrc20", "btc")
    settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = "usdttrc20"


@pytest.fixture
def shop(open_for_business: None, db: None) -> None:
    cache.clear()
    sales.make_plan()
    sales.make_coins()


@pytest.fixture
def buyer(shop: None, stranger: User) -> Client:
    """The browser of someone without a plan."""
    client = Client()
    client.force_login(stranger)
    return client


@pytest.fixture
def sell(shop: None, stranger: User) -> Callable[[], Sale]:
    """An order of the buyer with an address, waiting for its money."""

    def make(at: datetime | None = None) -> Sale:
        return sales.sell(stranger.pk, at=at or timezone.now())

    return make


@pytest.fixture
def sale(sell: Callable[[], Sale]) -> Sale:
    return sell()


@pytest.fixture
def pay() -> Callable[..., None]:
    """The processor says that a payment is complete."""

    def finish(sale: Sale, amount: Decimal = ASKED, **changes: object) -> None:
        sale.reads(Status.FINISHED, amount, at=timezone.now(), **changes)

    return finish
