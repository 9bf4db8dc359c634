"""A world in which every page of the site has something to show."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.rooms.billing import sales

from nproxy.generations import lease

JSON = {"accept": "application/json"}


@pytest.fixture
def shop(settings: Settings, db: None) -> None:
    """A shop that is open."""
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("sandbox-ipn-secret",)
    settings.NPROXY_NOWPAYMENTS_COINS = ("usdttrc20", "btc")
    settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = "usdttrc20"
    cache.clear()
    sales.make_plan()
    sales.make_coins()


@pytest.fixture
def conversation(browser: Client, draw: Callable[[UUID], UUID]) -> tuple[str, UUID]:
    """A conversation whose boxes have come in every way: its id and that of a picture in it."""
    made = browser.post("/chat/", headers=JSON).json()["conversation"]

    def send(prompt: str, images: int) -> list[UUID]:
        body = {"client_id": str(uuid4()), "prompt": prompt, "batch_size": images}
        told = browser.post(f"/chat/{made}/turns/", body, headers=JSON).json()
        return [UUID(each["id"]) for each in told["generations"]]

    first, second = send("a red boat", 2)
    picture = draw(first)
    draw(second)
    refused, canceled, running, _queued = send("a boat that is refused " + "and very long " * 40, 4)
    held = lease.begin(refused, timezone.now())
    assert held is not None
    lease.fail(held, "content_policy", timezone.now())
    browser.post(f"/generations/{canceled}/cancel/")
    assert lease.begin(running, timezone.now()) is not None
    return made, picture
