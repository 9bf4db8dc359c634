"""The processor's callbacks at the door: what is stored, and what each is answered."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from nproxy.billing.models import PaymentEvent, QuarantinedEvent
from nproxy.kit.locks import patience

SECRET = "sandbox-ipn-secret"
PATH = "/webhooks/nowpayments/"
BODY = json.dumps(
    {"order_id": "x", "payment_id": 5745459419, "payment_status": "finished"}, separators=(",", ":")
).encode()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings: Settings) -> Settings:
    cache.clear()
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = (SECRET,)
    return settings


def call(body: bytes = BODY, secret: str = SECRET) -> int:
    """As the processor calls: no cookies, no CSRF token. The status it is answered."""
    signature = hmac.new(secret.encode(), body, "sha512").hexdigest()
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        PATH, body, content_type="application/json", headers={"x-nowpayments-sig": signature}
    )
    assert answer.content == b""
    return answer.status_code


def test_a_signed_callback_is_stored_once_however_often_it_comes() -> None:
    assert [call(), call()] == [200, 200]
    event = PaymentEvent.objects.get()
    assert bytes(event.body) == BODY


def test_a_callback_about_a_payment_that_nobody_knows_is_stored_too() -> None:
    assert call(BODY.replace(b"5745459419", b"1")) == 200


def test_a_bad_signature_is_refused_and_kept_aside() -> None:
    assert call(secret="another") == 401
    assert not PaymentEvent.objects.exists()
    assert bytes(QuarantinedEvent.objects.get().body) == BODY


def test_a_flood_of_bad_signatures_is_refused_without_being_kept() -> None:
    assert {call(BODY + b" " * number, secret="another") for number in range(30)} == {401}
    assert QuarantinedEvent.objects.count() < 30


def test_a_body_that_is_too_large_is_refused_unread() -> None:
    assert call(b'{"a":"' + b"x" * 70_000 + b'"}') == 413
    assert call(b"x" * 3_000_000) == 413
    assert not QuarantinedEvent.objects.exists()


def test_without_a_secret_the_processor_is_asked_to_come_again(shop: Settings) -> None:
    shop.NPROXY_NOWPAYMENTS_IPN_SECRET = ()
    assert call() == 503


def test_looking_at_the_address_is_not_a_callback(client: Client) -> None:
    assert client.get(PATH).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_database_that_makes_one_wait_is_given_up_in_time() -> None:
    with pytest.raises(OperationalError), patience(timedelta(milliseconds=50)), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)
