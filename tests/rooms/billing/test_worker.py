"""The worker against the real wire: addresses, callbacks, polls, coins, and both books compared."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.rooms.billing import sales

from nproxy.billing import actions as billing
from nproxy.billing import attempts, queries, run
from nproxy.billing.actions import Received
from nproxy.billing.models import (
    Observation,
    Order,
    Payment,
    PaymentAttempt,
    PaymentEvent,
    ProcessorLine,
    Review,
)
from nproxy.billing.rules.signature import HEADER
from nproxy.billing.rules.states import State
from nproxy.notifications.models import Alert, Mail
from nproxy_sandbox.nowpayments.till import Till
from nproxy_sandbox.testing import RunningProcessor

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Shop:
    """A person with an open order, the worker's steps, and the payer's."""

    till: Till
    person: int
    order_id: UUID

    def choose(self, coin: str = "usdttrc20") -> PaymentAttempt:
        ordinal = billing.choose_coin(
            user_id=self.person, order_id=self.order_id, coin=coin, now=timezone.now()
        )
        attempt = PaymentAttempt.objects.get(order_id=self.order_id, ordinal=ordinal)
        asyncio.run(run.prepare(attempt.pk))
        attempt.refresh_from_db()
        return attempt

    def ready(self, coin: str = "usdttrc20") -> int:
        """The number of a payment that waits for its money."""
        attempt = self.choose(coin)
        assert attempt.payment_id
        return int(attempt.payment_id)

    def deliver(self) -> list[Received]:
        """Hand over every callback written so far, and let the worker follow each."""
        results = [
            billing.receive_event(
                body=letter.body, headers={HEADER: letter.signature}, address="1.1.1.1", now=timezone.now()
            )
            for letter in self.till.letters()
        ]
        for event_id in PaymentEvent.objects.filter(handled_at=None).values_list("pk", flat=True):
            asyncio.run(run.handle(event_id))
        return results

    def poll(self) -> int:
        Payment.objects.update(next_poll_at=timezone.now())
        return asyncio.run(billing.poll_due())

    @property
    def view(self) -> queries.OrderView:
        found = queries.order(self.person, self.order_id)
        assert found is not None
        return found

    @property
    def reviews(self) -> list[str]:
        return list(Review.objects.filter(resolved_at=None).order_by("pk").values_list("reason", flat=True))


@pytest.fixture
def shop(nowpayments: RunningProcessor) -> Shop:
    cache.clear()
    sales.make_plan()
    asyncio.run(billing.refresh_coins())
    person = sales.make_person()
    return Shop(nowpayments.till, person, sales.place(person, timezone.now()))


def test_coins_are_those_that_we_list_and_the_processor_takes_without_a_memo(shop: Shop) -> None:
    coins = {coin.code: coin for coin in queries.coins(1900)}
    assert list(coins) == ["usdttrc20", "btc", "usdcsol", "eth"]
    assert [code for code, coin in coins.items() if not coin.is_possible] == ["eth"]
    assert coins["usdttrc20"].network_name == "Tron (TRC-20)"


def test_coins_stay_on_offer_while_the_processor_is_away(shop: Shop) -> None:
    shop.till.control.order("maintenance")
    asyncio.run(billing.refresh_coins())
    assert len(queries.coins()) == 4


def test_a_coin_whose_minimum_is_refused_is_off_the_list_and_nothing_is_asked_again_at_once(
    shop: Shop,
) -> None:
    shop.till.control.order("unavailable", key="minimum", times=1)  # of the first coin
    ProcrastinateJob.objects.filter(task_name="billing.refresh_coins").delete()
    asyncio.run(billing.refresh_coins())
    assert [coin.code for coin in queries.coins()] == ["btc", "usdcsol", "eth"]
    assert not ProcrastinateJob.objects.filter(task_name="billing.refresh_coins").exists()
    asyncio.run(billing.refresh_coins())
    assert queries.coins()[0].code == "usdttrc20"


def test_a_minimum_that_cannot_be_had_leaves_the_coin_with_its_old_one(shop: Shop) -> None:
    before = queries.coins()
    shop.till.control.order("bad_parameters", key="minimum")
    asyncio.run(billing.refresh_coins())
    assert queries.coins() == before
    assert Alert.objects.filter(kind="payments.refused").count() == 1


def test_an_address_comes_with_both_clocks(shop: Shop) -> None:
    shop.ready()
    attempt = shop.view.attempt
    assert attempt is not None
    assert shop.view.state is State.WAITING
    assert attempt.quote_ends_at is not None
    assert attempt.address_ends_at is not None
    assert attempt.quote_ends_at < attempt.address_ends_at
    assert attempt.play_page.endswith(f"/payments/{attempt.payment_id}")


@pytest.mark.parametrize("coin", ["usdttrc20", "btc", "usdcsol"])
def test_paying_exactly_activates_by_callback(shop: Shop, coin: str) -> None:
    number = shop.ready(coin)
    shop.till.pay(number, until="finished")
    assert set(shop.deliver()) == {Received.STORED}
    assert (shop.view.status, shop.view.state, shop.reviews) == ("paid", State.ACTIVE, [])
    assert Payment.objects.get().success_told_by == "event"
    paid = shop.view.attempt
    assert paid is not None
    assert paid.transaction


@pytest.mark.parametrize(
    ("deed", "end"),
    [
        ("exactly", ("paid", State.ACTIVE, [])),
        ("a_little_less", ("paid", State.ACTIVE, [])),
        ("less", ("review", State.UNDERPAID, ["underpaid"])),
        ("more", ("paid", State.OVERPAID, ["surplus"])),
        ("double", ("paid", State.OVERPAID, ["surplus"])),
        ("twice", ("paid", State.ACTIVE, ["redeposit"])),
        ("late", ("paid", State.ACTIVE, [])),
        ("wrong_coin", ("review", State.REVIEW, ["wrong_coin"])),
    ],
)
@pytest.mark.parametrize("way", ["callbacks", "polls"])
def test_whatever_the_payer_does_has_its_end(
    shop: Shop, deed: str, end: tuple[str, State, list[str]], way: str
) -> None:
    number = shop.ready()
    shop.till.pay(number, deed)
    for each in shop.till.payments():
        shop.till.finish(each.number)
    for _ in range(2):  # the second time for what the first has led to
        shop.deliver() if way == "callbacks" else shop.poll()
    assert (shop.view.status, shop.view.state, shop.reviews) == end


def test_a_lost_callback_is_made_up_for_by_a_poll_and_the_operator_hears_of_it(shop: Shop) -> None:
    shop.till.pay(shop.ready(), until="finished")
    assert shop.poll() == 1
    assert shop.view.state is State.ACTIVE
    assert Alert.objects.filter(kind="payments.callbacks_missing").count() == 1


def test_a_callback_whose_reading_fails_is_followed_by_the_poller(shop: Shop) -> None:
    shop.till.pay(shop.ready(), until="finished")
    shop.till.control.order("internal", key="fetch", times=20)
    shop.deliver()
    assert {event.outcome for event in PaymentEvent.objects.all()} == {"away"}
    shop.till.control.order(None, key="fetch")
    assert shop.poll() == 1
    assert shop.view.state is State.ACTIVE
    assert not Alert.objects.filter(kind="payments.callbacks_missing").exists()


def test_a_forged_callback_has_no_effect_even_when_its_signature_is_good(shop: Shop) -> None:
    """The processor's own answer decides; a callback only says what to read."""
    number = shop.ready()
    shop.till.put(number, "finished", paid=Decimal(1000))
    letters = shop.till.letters()
    shop.till.put(number, "waiting", paid=Decimal(0))
    for letter in letters:
        billing.receive_event(
            body=letter.body, headers={HEADER: letter.signature}, address="", now=timezone.now()
        )
    for event_id in PaymentEvent.objects.values_list("pk", flat=True):
        asyncio.run(run.handle(event_id))
    assert shop.view.state is State.WAITING
    assert Payment.objects.get().next_poll_at is not None


def test_every_genuine_form_is_stored_and_every_forgery_kept_apart(shop: Shop) -> None:
    from nproxy_sandbox.nowpayments.forms import FORMS

    number = shop.ready()
    for name in FORMS:
        shop.till.announce(number, name)
    shop.till.settle_on(covering=Decimal(0))
    letters = {letter.form: letter for letter in shop.till.letters()}
    for name, form in FORMS.items():
        letter = letters[name]
        received = billing.receive_event(
            body=letter.body, headers={HEADER: letter.signature}, address=name, now=timezone.now()
        )
        assert (received is Received.STORED) == form.is_genuine, name


@pytest.mark.parametrize("fault", ["below_minimum", "unavailable"])
def test_a_coin_that_the_processor_refuses_can_be_chosen_otherwise(shop: Shop, fault: str) -> None:
    shop.till.control.order(fault, key="create", times=1)
    assert shop.choose().state == "refused"
    assert shop.view.state is State.TROUBLE
    assert shop.ready("btc")
    assert shop.view.state is State.WAITING


def test_a_rejected_key_is_told_to_the_operator(shop: Shop) -> None:
    shop.till.control.order("bad_key", key="create", times=1)
    assert shop.choose().failure == "key_rejected"
    assert Alert.objects.filter(kind="payments.refused").count() == 1


def test_a_busy_processor_is_asked_again_once_it_has_rested(shop: Shop) -> None:
    shop.till.control.order("too_many", key="create", times=1)
    attempt = shop.choose()
    assert shop.view.state is State.PREPARING
    ProcrastinateJob.objects.filter(args__attempt_id=str(attempt.pk)).delete()  # the worker has done it
    rested = timezone.now() + timedelta(minutes=4)
    ProcessorLine.objects.update(rests_until=rested)
    asyncio.run(run.prepare(attempt.pk))  # too early: the second try, which never reaches the processor
    attempt.refresh_from_db()
    assert (attempt.state, attempt.tries) == ("creating", 2)
    again = ProcrastinateJob.objects.get(args__attempt_id=str(attempt.pk)).scheduled_at
    assert again is not None
    assert rested - timedelta(seconds=5) < again < rested + timedelta(minutes=2)


def test_whoever_waits_for_an_address_has_a_lane_beside_all_other_work_and_the_first_place_in_it(
    shop: Shop,
) -> None:
    number = shop.ready()
    shop.till.pay(number, until="finished")
    for letter in shop.till.letters():
        billing.receive_event(
            body=letter.body, headers={HEADER: letter.signature}, address="", now=timezone.now()
        )
    attempt = str(PaymentAttempt.objects.get().pk)
    events = [str(event_id) for event_id in PaymentEvent.objects.values_list("pk", flat=True)]
    asked = ProcrastinateJob.objects.get(args__attempt_id=attempt)
    told = ProcrastinateJob.objects.filter(args__event_id__in=events)
    assert {asked.queue_name, *told.values_list("queue_name", flat=True)} == {"money"}
    assert asked.priority > max(told.values_list("priority", flat=True))


def test_an_attempt_whose_worker_died_during_the_call_is_made_up_for_within_the_minute(shop: Shop) -> None:
    billing.choose_coin(user_id=shop.person, order_id=shop.order_id, coin="btc", now=timezone.now())
    left = PaymentAttempt.objects.get()
    assert attempts.begin(left.pk, "", timezone.now())  # and there it ends
    later = timezone.now() + timedelta(seconds=30)
    billing.recover(now=later)
    assert attempts.begin(left.pk, "", later) is None
    asyncio.run(run.prepare(PaymentAttempt.objects.get(state="creating").pk))
    assert shop.view.state is State.WAITING


def test_a_create_answer_that_is_lost_makes_a_second_attempt_and_money_on_the_first_counts(
    shop: Shop,
) -> None:
    shop.till.control.order("reset", key="create", times=1)
    lost = shop.choose()
    assert lost.state == "lost"
    second = PaymentAttempt.objects.get(state="creating")
    asyncio.run(run.prepare(second.pk))
    assert shop.view.state is State.WAITING
    orphan = next(one for one in shop.till.payments() if one.wanted.order_id == str(lost.pk))
    shop.till.pay(orphan.number, until="finished")
    shop.deliver()
    assert (shop.view.status, shop.reviews) == ("paid", [])


def test_odd_readings_decide_nothing(shop: Shop) -> None:
    shop.till.pay(shop.ready(), until="finished")
    for fault in ("another_payment", "spelled_id", "negative", "endless", "words", "no_status"):
        shop.till.control.order(fault, key="fetch", times=1)
        shop.poll()
        assert Order.objects.get().status == "open", fault
    assert not Observation.objects.exists()
    shop.poll()
    assert shop.view.state is State.ACTIVE


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("another_price", "wrong_price"),
        ("another_coin", "wrong_coin"),
        ("another_order", "wrong_ref"),
        ("new_status", "unknown_status"),
    ],
)
def test_a_reading_that_is_not_as_ordered_is_looked_at(shop: Shop, fault: str, reason: str) -> None:
    shop.till.pay(shop.ready(), until="finished")
    shop.till.control.order(fault, key="fetch", times=1)
    shop.poll()
    assert (shop.view.status, shop.reviews) == ("review", [reason])


def test_the_books_agree_after_everything_that_payers_do(shop: Shop) -> None:
    for deed in ("exactly", "less", "more", "twice", "wrong_coin", "late"):
        person = sales.make_person()
        one = Shop(shop.till, person, sales.place(person, timezone.now()))
        shop.till.pay(one.ready(), deed)
    for each in shop.till.payments():
        shop.till.finish(each.number)
    first = asyncio.run(billing.reconcile(actor=sales.OPERATOR, now=timezone.now()))
    report = asyncio.run(billing.reconcile(actor=sales.OPERATOR, now=timezone.now()))
    assert first.unread == report.unread == ()
    assert (report.difference_cents, report.differences, report.is_clean) == (0, (), True)
    assert (report.activated, report.in_review, report.unvalued) == (4, 3, 1)


def test_books_of_one_order(shop: Shop) -> None:
    shop.till.pay(shop.ready(), until="finished")
    report = asyncio.run(billing.reconcile(actor=sales.OPERATOR, now=timezone.now(), order_id=shop.order_id))
    assert (report.read, report.theirs_cents, report.ours_cents) == (1, 1900, 1900)


def test_a_processor_that_is_away_leaves_the_books_unread_not_wrong(shop: Shop) -> None:
    number = shop.ready()
    shop.till.control.order("internal", key="fetch")
    report = asyncio.run(billing.reconcile(actor=sales.OPERATOR, now=timezone.now()))
    assert (report.unread, report.is_clean) == ((str(number),), False)


def test_one_bad_answer_does_not_spoil_the_books_nor_hold_up_the_polls(shop: Shop) -> None:
    numbers = [shop.ready(), shop.ready("btc")]
    shop.till.pay(numbers[1], until="finished")
    shop.till.control.order("internal", key="fetch", times=1)
    assert shop.poll() == 0
    assert shop.poll() == 2
    shop.till.control.order("internal", key="fetch", times=1)
    assert asyncio.run(billing.reconcile(actor=sales.OPERATOR, now=timezone.now())).is_clean


def test_a_callback_about_a_payment_that_is_not_shown_waits_an_hour_then_for_a_person(shop: Shop) -> None:
    shop.till.pay(shop.ready(), until="finished")
    shop.till.control.order("missing", key="fetch")
    shop.deliver()
    assert (shop.reviews, {event.outcome for event in PaymentEvent.objects.all()}) == ([], {"not shown"})
    Payment.objects.update(found_at=timezone.now() - timedelta(hours=1))
    shop.poll()
    shop.poll()
    assert (shop.view.status, shop.reviews) == ("review", ["unreadable"])
    shop.till.control.order(None, key="fetch")
    shop.poll()
    assert (shop.view.status, shop.reviews) == ("paid", [])


def test_money_that_moves_to_a_used_address_promises_nothing(shop: Shop) -> None:
    number = shop.ready()
    shop.till.pay(number, until="finished")
    shop.deliver()
    shop.till.pay(number, until="confirming")
    shop.deliver()
    assert not Mail.objects.filter(kind="payment_seen").exists()


def test_a_payment_made_with_another_key_is_told_not_forgotten(shop: Shop, settings: Settings) -> None:
    shop.ready()
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-another"
    shop.poll()
    assert Alert.objects.filter(kind="payments.unreadable").count() == 1
    assert Payment.objects.get().next_poll_at is not None
    assert shop.view.state is State.WAITING


def test_the_dashboard_s_password_is_never_used(shop: Shop) -> None:
    shop.till.pay(shop.ready(), until="finished")
    shop.deliver()
    asyncio.run(billing.reconcile(actor=sales.OPERATOR, now=timezone.now()))
    assert shop.till.control.trap_visits == 0
