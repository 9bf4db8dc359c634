"""A shop that is open: settings of a processor, a plan, and coins on offer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings
from tests.rooms.billing import sales
from tests.rooms.billing.sales import Sale

from nproxy_sandbox.testing import RunningProcessor, running_nowpayments

SECRET = "sandbox-ipn-secret"


@pytest.fixture
def checkout(settings: Settings) -> Settings:
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = (SECRET,)
    settings.NPROXY_NOWPAYMENTS_COINS = ("usdttrc20", "btc", "usdcsol", "eth", "xrp")
    settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = "usdttrc20"
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.001
    return settings


@pytest.fixture
def shop(checkout: Settings, db: None) -> Settings:
    cache.clear()
    sales.make_plan()
    sales.make_coins()
    return checkout


@pytest.fixture
def person(shop: Settings) -> int:
    return sales.make_person()


@pytest.fixture
def sale(person: int) -> Sale:
    return sales.sell(person)


@pytest.fixture(scope="module")
def stand_in_processor() -> Iterator[RunningProcessor]:
    with running_nowpayments(pace=1000) as running:
        yield running


@pytest.fixture
def nowpayments(stand_in_processor: RunningProcessor, checkout: Settings) -> RunningProcessor:
    """The stand-in at the address where the product looks for its processor, its memory empty."""
    stand_in_processor.till.reset()
    checkout.NPROXY_NOWPAYMENTS_BASE_URL = stand_in_processor.base_url
    return stand_in_processor
