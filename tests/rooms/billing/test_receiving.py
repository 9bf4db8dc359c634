"""Callbacks at the door: stored once, never believed; what is not confirmed is kept apart."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.rooms.billing.conftest import SECRET
from tests.rooms.billing.sales import NOW, OPERATOR

from nproxy.billing import actions as billing
from nproxy.billing import queries
from nproxy.billing.actions import Received, receiving
from nproxy.billing.models import PaymentEvent, QuarantinedEvent
from nproxy.notifications.models import Alert

pytestmark = pytest.mark.usefixtures("shop")


def body(number: int = 1, **more: object) -> bytes:
    return json.dumps({"payment_id": number, "payment_status": "finished", **more}, sort_keys=True).encode()


def signature(content: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Nowpayments-Sig": hmac.new(secret.encode(), content, "sha512").hexdigest()}


def receive(
    content: bytes,
    headers: Mapping[str, str] | None = None,
    address: str = "51.89.194.21",
    at: datetime = NOW,
) -> Received:
    given = signature(content) if headers is None else headers
    return billing.receive_event(body=content, headers=given, address=address, now=at)


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="billing.handle").count()


def test_a_signed_callback_is_stored_before_it_is_understood() -> None:
    nonsense = b'{"what":"is this"}'
    assert receive(nonsense) is Received.STORED
    event = PaymentEvent.objects.get()
    assert (bytes(event.body), event.handled_at, jobs()) == (nonsense, None, 1)


def test_the_same_callback_again_is_stored_once_and_makes_no_more_work() -> None:
    for _ in range(5):
        assert receive(body()) is Received.STORED
    assert (PaymentEvent.objects.count(), jobs()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_fifty_deliveries_of_one_callback_at_once_are_one_event() -> None:
    def deliver(_: int) -> Received:
        try:
            return receive(body())
        finally:
            connection.close()

    before = jobs()  # the queue's table outlives tests that really commit
    with ThreadPoolExecutor(10) as post:
        assert set(post.map(deliver, range(50))) == {Received.STORED}
    assert (PaymentEvent.objects.count(), jobs() - before) == (1, 1)


def test_both_secrets_are_good_during_a_rotation(settings: Settings) -> None:
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("the new one", SECRET)
    assert receive(body(1)) is Received.STORED
    assert receive(body(2), signature(body(2), "the new one")) is Received.STORED


@pytest.mark.parametrize("headers", [{}, {"X-Nowpayments-Sig": ""}, {"X-Nowpayments-Sig": "f" * 128}])
def test_a_callback_that_cannot_be_confirmed_is_quarantined_and_told(headers: dict[str, str]) -> None:
    assert receive(body(), headers) is Received.QUARANTINED
    assert (PaymentEvent.objects.count(), QuarantinedEvent.objects.count(), jobs()) == (0, 1, 0)
    assert receive(body(2), headers) is Received.QUARANTINED
    assert Alert.objects.filter(kind="payments.bad_signature").count() == 1


def test_without_a_secret_nothing_is_believed_and_nothing_kept(settings: Settings) -> None:
    for secrets in ((), ("",), (" ",)):
        settings.NPROXY_NOWPAYMENTS_IPN_SECRET = secrets
        assert receive(body()) is Received.NO_SECRET
    assert not QuarantinedEvent.objects.exists()


def test_a_body_over_64_kib_is_not_read_at_all() -> None:
    assert receive(body(filler="x" * 65536)) is Received.TOO_LARGE
    assert not PaymentEvent.objects.exists()


def test_one_address_fills_no_more_than_its_share_of_quarantine_in_an_hour() -> None:
    results = [receive(body(number), {}, "6.6.6.6") for number in range(25)]
    assert (results.count(Received.QUARANTINED), results.count(Received.LIMITED)) == (20, 5)
    assert receive(body(99), {}, "7.7.7.7") is Received.QUARANTINED
    assert receive(body(98), {}, "6.6.6.6", NOW + timedelta(hours=1)) is Received.QUARANTINED
    assert receive(body(97)) is Received.STORED


def test_quarantine_keeps_the_newest_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    assert receiving.QUARANTINE_ROWS == 1000
    monkeypatch.setattr(receiving, "QUARANTINE_ROWS", 5)
    for number in range(8):
        receive(body(number), {}, f"6.6.6.{number}")
    kept = QuarantinedEvent.objects.order_by("pk").values_list("body", flat=True)
    assert [bytes(one) for one in kept] == [body(number) for number in range(3, 8)]


def test_a_quarantined_callback_can_be_replayed_once_its_signature_fits(settings: Settings) -> None:
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("not the one it was signed with",)
    assert receive(body(), signature(body())) is Received.QUARANTINED
    held = queries.events(quarantined=True)[0].id
    assert billing.replay(event_id=held, actor=OPERATOR, now=NOW) is Received.QUARANTINED
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = (SECRET,)
    assert billing.replay(event_id=held, actor=OPERATOR, now=NOW) is Received.STORED
    assert (PaymentEvent.objects.count(), QuarantinedEvent.objects.count(), jobs()) == (1, 0, 1)


def test_a_stored_callback_can_be_followed_again() -> None:
    receive(body())
    ProcrastinateJob.objects.all()._raw_delete("default")
    event: UUID = PaymentEvent.objects.get().pk
    PaymentEvent.objects.update(handled_at=NOW, outcome="read")
    assert billing.replay(event_id=event, actor=OPERATOR, now=NOW) is Received.STORED
    assert (PaymentEvent.objects.get().handled_at, jobs()) == (None, 1)
    with pytest.raises(billing.UnknownEvent):
        billing.replay(event_id=uuid4(), actor=OPERATOR, now=NOW)


def test_a_callback_whose_job_died_gets_another_one() -> None:
    receive(body())
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert billing.recover(now=NOW + timedelta(minutes=1)) == 0
    assert billing.recover(now=NOW + timedelta(minutes=6)) == 1
    assert jobs() == 1


def test_the_database_itself_keeps_what_a_callback_said() -> None:
    receive(body())
    for change in ({"body": b"{}"}, {"digest": "0"}, {"received_at": NOW + timedelta(days=1)}):
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            PaymentEvent.objects.update(**change)
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        PaymentEvent.objects.all()._raw_delete("default")


def test_bodies_are_forgotten_in_time_and_the_rows_stay() -> None:
    receive(body(1))
    receive(body(2), {})
    assert billing.forget_old_bodies(now=NOW + timedelta(days=29)) == 0
    assert billing.forget_old_bodies(now=NOW + timedelta(days=31)) == 1
    assert billing.forget_old_bodies(now=NOW + timedelta(days=181)) == 1
    assert (bytes(PaymentEvent.objects.get().body), QuarantinedEvent.objects.count()) == (b"", 0)


def test_a_forgotten_callback_cannot_bring_the_worker_down() -> None:
    receive(body(1))
    billing.forget_old_bodies(now=NOW + timedelta(days=181))
    assert queries.events()[0].size == 0
