"""No order of events, no crowd and no forger changes what a payment comes to."""

from __future__ import annotations

import hmac
import itertools
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, NOW, Sale

from nproxy.billing import actions as billing
from nproxy.billing.models import Activation, Order, Payment, PaymentEvent, QuarantinedEvent, Receipt, Review
from nproxy.billing.rules import settlement as rules
from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.wire import Observation, Status
from nproxy.quota import queries as quota
from nproxy.quota.models import Quota
from nproxy.subscriptions import queries as subscriptions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("chaos money")]

SECRET = "sandbox-ipn-secret"
# How often a delivery is tried that waits for a lock longer than the database lets it.
PATIENCE = 20
# A payment's whole life, and more than a life: each status with the amount that it would come with.
LIFE = {
    Status.WAITING: Decimal(0),
    Status.CONFIRMING: ASKED,
    Status.CONFIRMED: ASKED,
    Status.SENDING: ASKED,
    Status.PARTIALLY_PAID: ASKED / 2,
    Status.FINISHED: ASKED,
    Status.EXPIRED: Decimal(0),
    Status.REFUNDED: ASKED,
}
# Endings as they really come: with, and without the words that outweigh a success.
LIVES = (
    (frozenset(LIFE), "refunded"),
    (frozenset(LIFE) - {Status.REFUNDED}, "paid"),
    (frozenset(LIFE) - {Status.REFUNDED, Status.FINISHED}, "review"),
)


@pytest.fixture(autouse=True)
def shop(settings: Settings) -> None:
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = (SECRET,)
    settings.NPROXY_NOWPAYMENTS_COINS = settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = ("usdttrc20",)
    sales.make_plan()
    sales.make_coins()


@pytest.mark.parametrize(("statuses", "end"), LIVES)
def test_every_order_of_a_payment_s_statuses_means_the_same_in_the_end(
    statuses: frozenset[Status], end: str
) -> None:
    """All permutations, with one reading repeated, by the rules alone: nothing else decides."""
    asked = rules.Ask(ref="attempt", payment_id="1", coin=sales.COIN, amount=ASKED)
    whole = Observation("1", "attempt", Status.WAITING, "", sales.PRICE, "usd", sales.COIN, ASKED, Decimal(0))
    ends = Counter(
        _fold(asked, [replace(whole, status=each, actually_paid=LIFE[each]) for each in order])
        for order in itertools.permutations(sorted(statuses))
    )
    assert {status for status, _, _ in ends} == {end}
    assert max(activations for _, activations, _ in ends) <= 1
    if end == "paid":
        assert {activations for _, activations, _ in ends} == {1}
    assert len({still_open for _, _, still_open in ends}) == 1


def _fold(asked: rules.Ask, readings: list[Observation]) -> tuple[str, int, Reason | None]:
    """(order's status, activations, open review) after these readings, each of them twice."""
    bill, known = rules.Bill(price_cents=sales.PRICE), rules.Known()
    status, activations, still_open = "open", 0, None
    for seen in (reading for reading in readings for _ in range(2)):
        decision = rules.decide(bill, asked, known, seen, Decimal("0.01"))
        if rules.advances(known, seen.status, seen.actually_paid):
            known = replace(known, status=seen.status, actually_paid=seen.actually_paid)
        match decision:
            case rules.Activate():
                status, activations, still_open = "paid", activations + 1, None
                bill, known = replace(bill, is_activated=True), replace(known, has_activated=True)
            case rules.Review(reason):
                known = replace(known, reviewed=known.reviewed | {reason})
                still_open = reason
                if reason is Reason.REFUNDED:
                    status, bill = "refunded", replace(bill, is_refunded=True)
                elif not bill.is_activated:
                    status = "review"
    return status, activations, still_open


def test_rows_come_to_the_same_end_in_whatever_order_and_way_a_payment_is_told_of(
    scaled: Callable[[int], int],
) -> None:
    random = Random(20261122)
    for number in range(scaled(1000)):
        statuses, end = LIVES[number % len(LIVES)]
        readings = random.choices(sorted(statuses), k=random.randrange(6)) + random.sample(
            sorted(statuses), len(statuses)
        )
        random.shuffle(readings)
        sale = sales.sell()
        for status in readings:
            sale.reads(status, LIFE[status], told_by=random.choice(("event", "poll", "operator")))
        assert sale.order.status == end, readings
        assert sale.activations <= 1, readings
        assert sale.activations == 1 or end != "paid", readings
        assert sale.open_reviews == {"paid": [], "review": ["underpaid"], "refunded": ["refunded"]}[end], (
            readings
        )
    assert quota.verify() == []


def signed(sale: Sale, status: Status, copy: int = 0) -> tuple[bytes, str]:
    """A callback as the processor would send it; `copy` makes another one of the same content."""
    content = {
        "actually_paid": str(ASKED),
        "fee": {"currency": "btc", "depositFee": 1e-05},
        "order_id": str(sale.attempt_id),
        "parent_payment_id": None,
        "payment_id": int(sale.payment_id),
        "payment_status": status.value,
        "updated_at": 1765249461097 + copy,
    }
    body = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return body, hmac.new(SECRET.encode(), body, "sha512").hexdigest()


def test_two_hundred_payments_told_of_fifteen_times_each_at_once_are_two_hundred_cycles(
    scaled: Callable[[int], int],
) -> None:
    sold = [sales.sell() for _ in range(scaled(200))]
    random = Random(5)
    deliveries = [(sale, number) for sale in sold for number in range(15)]
    random.shuffle(deliveries)

    def deliver(delivery: tuple[Sale, int]) -> None:
        """A callback comes in, and somebody reads the payment: the worker, the poller, an operator."""
        sale, number = delivery
        try:
            body, signature = signed(sale, Status.FINISHED, copy=number % 3)
            billing.receive_event(body=body, headers={"x-nowpayments-sig": signature}, address="", now=NOW)
            sale.reads(Status.FINISHED, ASKED, told_by=("event", "poll", "operator")[number % 3])
        finally:
            connection.close()

    def insist(delivery: tuple[Sale, int]) -> None:
        """Who waits too long for a row is told to come again, and does: the processor, the poller, an operator."""
        for _ in range(PATIENCE):
            with suppress(OperationalError):
                return deliver(delivery)
        raise AssertionError(delivery)

    with ThreadPoolExecutor(32) as post:
        list(post.map(insist, deliveries))

    assert Activation.objects.count() == Quota.objects.count() == len(sold)
    assert set(Order.objects.values_list("status", flat=True)) == {"paid"}
    numbers = Receipt.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(sold) + 1))
    assert PaymentEvent.objects.count() == len(sold) * 3
    assert not Review.objects.exists()
    assert quota.verify() == []


def test_coins_of_one_order_paid_at_once_are_one_cycle_and_the_rest_is_looked_at(
    scaled: Callable[[int], int],
) -> None:
    for _ in range(scaled(100)):
        person = sales.make_person()
        order_id = sales.place(person)
        attempts = [sales.prepare(person, order_id, coin) for coin in ("usdttrc20", "btc")]

        def pay(sale: Sale) -> None:
            try:
                sale.reads(Status.FINISHED, ASKED)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as payers:
            list(payers.map(pay, attempts * 4))
        assert (attempts[0].activations, attempts[0].open_reviews) == (1, ["second_payment"])


def test_orders_of_one_person_paid_at_once_are_a_cycle_a_queued_one_and_reviews(
    scaled: Callable[[int], int],
) -> None:
    for _ in range(scaled(50)):
        person = sales.make_person()
        orders = []
        for _ in range(4):
            orders.append(sales.sell(person))
            billing.cancel_order(user_id=person, order_id=orders[-1].order_id, now=NOW)

        def pay(sale: Sale) -> None:
            try:
                sale.reads(Status.FINISHED, ASKED)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as payers:
            list(payers.map(pay, orders * 2))
        assert Counter(sale.order.status for sale in orders) == {"paid": 2, "review": 2}
        assert [one for sale in orders for one in sale.open_reviews] == ["already_queued"] * 2
        assert subscriptions.subscription(person, NOW).queued is not None


class Forger:
    """Changes a signed callback in one of many ways."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def forge(self, body: bytes, signature: str) -> tuple[bytes, str]:
        ways = (self._flip, self._cut, self._insert, self._swap, self._field, self._twice, self._other_key)
        if self._random.random() < 0.2:
            return body, self._spoil(signature)
        for _ in range(self._random.randrange(1, 4)):
            body = self._random.choice(ways)(body)
        return body, signature

    def _spoil(self, signature: str) -> str:
        place = self._random.randrange(len(signature))
        other = self._random.choice("0123456789abcdefxyzé \n")
        spoiled = signature[:place] + other + signature[place + self._random.randrange(2) :]
        return self._random.choice((spoiled, "", signature[:64], signature * 2, "sha512=" + signature))

    def _flip(self, body: bytes) -> bytes:
        place = self._random.randrange(len(body) or 1)
        return body[:place] + bytes([self._random.randrange(256)]) + body[place + 1 :]

    def _cut(self, body: bytes) -> bytes:
        return body[: self._random.randrange(len(body) or 1)]

    def _insert(self, body: bytes) -> bytes:
        place = self._random.randrange(len(body) or 1)
        morsel = self._random.choice(
            (b"\x00", b"\xff\xfe", b"{", b'"', b"1", b"e9", b" ", b"\\ud800", b"[" * 500)
        )
        return body[:place] + morsel + body[place:]

    def _swap(self, body: bytes) -> bytes:
        return body.replace(b"waiting", self._random.choice((b"finished", b"refunded", b"\xd0\xb0", b"")))

    def _field(self, body: bytes) -> bytes:
        return body.replace(b"{", b'{"payment_status":"finished",', 1)

    def _twice(self, body: bytes) -> bytes:
        return body + self._random.choice((body, b"\n{}", b" " * 70_000))

    def _other_key(self, body: bytes) -> bytes:
        return body.replace(b'"payment_id":', b'"payment_id" : 1' + str(self._random.randrange(10)).encode())


def test_ten_thousand_forged_callbacks_are_neither_believed_nor_a_trouble(
    scaled: Callable[[int], int],
) -> None:
    sale = sales.sell()
    body, signature = signed(sale, Status.WAITING)
    forger, door, answers = Forger(1), Client(raise_request_exception=False), Counter[int]()
    count = scaled(10_000)
    for number in range(count):
        forged, mark = forger.forge(body, signature)
        headers = {"x-nowpayments-sig": mark.encode("latin-1", "replace").decode("latin-1")}
        answer = door.post(
            "/webhooks/nowpayments/",
            forged,
            content_type="application/json",
            headers=headers,
            REMOTE_ADDR=f"10.0.{number % 64}.1",
        )
        answers[answer.status_code] += 1
    # Blanks outside of values, and bytes that happened to stay the same, are no forgery.
    for event in PaymentEvent.objects.all():
        assert json.loads(bytes(event.body)) == json.loads(body)
    assert set(answers) <= {200, 401, 413}, answers
    assert answers[200] < count / 10
    assert QuarantinedEvent.objects.count() <= 1000
    assert Payment.objects.count() == 1
    assert (sale.order.status, sale.activations) == ("open", 0)
