"""Orders and attempts, from the click to the address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, NOW, Sale

from nproxy.billing import actions as billing
from nproxy.billing import attempts, queries, settlement
from nproxy.billing.actions import ordering
from nproxy.billing.models import CoinOffer, Order, Payment, PaymentAttempt
from nproxy.billing.rules.states import State
from nproxy.billing.rules.wire import Status
from nproxy.notifications.models import Alert, Mail


def choose(person: int, order_id: object, coin: str = sales.COIN, at: object = NOW) -> PaymentAttempt:
    ordinal = billing.choose_coin(user_id=person, order_id=order_id, coin=coin, now=at)  # type: ignore[arg-type] # the test's shorthand
    return PaymentAttempt.objects.get(order_id=order_id, ordinal=ordinal)


def jobs(task: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=task, status="todo").count()


def shown(person: int, order_id: object) -> queries.OrderView:
    (found,) = [one for one in queries.orders_of(person) if one.id == order_id]
    return found


def test_an_order_keeps_the_offer_it_was_made_at(person: int) -> None:
    order_id = sales.place(person)
    sales.make_plan(price_cents=9900)
    order = shown(person, order_id)
    assert (order.price_cents, order.plan_name, order.state) == (1900, "Studio", State.CHOOSE)


def test_the_database_itself_keeps_the_offer(person: int) -> None:
    order_id = sales.place(person)
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        Order.objects.filter(pk=order_id).update(price_cents=1)
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        Order.objects.filter(pk=order_id)._raw_delete("default")


def test_a_person_has_one_open_order(person: int) -> None:
    assert sales.place(person) == sales.place(person)


@pytest.mark.django_db(transaction=True)
def test_ten_tabs_at_once_open_one_order(shop: Settings) -> None:
    person = sales.make_person()

    def tab(_: int) -> object:
        try:
            return sales.place(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as tabs:
        assert len(set(tabs.map(tab, range(10)))) == 1


def test_nothing_can_be_ordered_without_a_plan_or_a_processor(checkout: Settings, db: None) -> None:
    person = sales.make_person()
    with pytest.raises(billing.NothingForSale):
        sales.place(person)
    sales.make_plan(price_cents=0)
    with pytest.raises(billing.NothingForSale):
        sales.place(person)
    checkout.NPROXY_NOWPAYMENTS_API_KEY = ""
    with pytest.raises(billing.CheckoutClosed):
        sales.place(person)


def test_a_stale_list_of_coins_is_asked_for_anew_with_the_first_order(person: int) -> None:
    CoinOffer.objects.update(refreshed_at=NOW - timedelta(hours=1))
    sales.place(person)
    assert jobs("billing.refresh_coins") == 1


def test_a_coin_whose_minimum_is_above_the_price_or_that_is_not_offered_is_refused(person: int) -> None:
    order_id = sales.place(person)
    CoinOffer.objects.filter(code="btc").update(minimum_cents=1901)
    with pytest.raises(billing.BelowMinimum):
        choose(person, order_id, "btc")
    with pytest.raises(billing.CoinUnavailable):
        choose(person, order_id, "doge")
    assert [(one.code, one.is_possible) for one in queries.coins(1900)] == [
        ("usdttrc20", True),
        ("btc", False),
    ]


def test_another_person_s_order_is_not_there(person: int) -> None:
    order_id = sales.place(person)
    stranger = sales.make_person()
    with pytest.raises(billing.UnknownOrder):
        choose(stranger, order_id)
    with pytest.raises(billing.UnknownOrder):
        billing.cancel_order(user_id=stranger, order_id=order_id, now=NOW)
    assert queries.order(stranger, order_id) is None
    assert queries.receipt(stranger, order_id) is None


def test_choosing_commits_the_attempt_and_its_job_before_anyone_is_asked(person: int) -> None:
    order_id = sales.place(person)
    attempt = choose(person, order_id)
    assert (attempt.state, attempt.payment_id, jobs("billing.prepare")) == ("creating", None, 1)
    assert shown(person, order_id).state is State.PREPARING
    assert choose(person, order_id).pk == attempt.pk


def test_an_address_is_shown_mailed_and_watched(sale: Sale) -> None:
    attempt = shown(sale.user_id, sale.order_id).attempt
    assert attempt is not None
    assert (attempt.amount, attempt.qr_text, attempt.network) == ("19.0115", attempt.address, "Tron (TRC-20)")
    assert sale.order.open_until == NOW + timedelta(days=7)
    assert sale.payment.next_poll_at == NOW + timedelta(minutes=1)
    mail = Mail.objects.get(kind="order_open")
    assert attempt.address in mail.text
    assert "19.0115 USDT" in mail.text


def test_a_coin_chosen_again_is_the_same_attempt_until_its_quote_ends(sale: Sale) -> None:
    other = choose(sale.user_id, sale.order_id, "btc", NOW + timedelta(minutes=1))
    again = choose(sale.user_id, sale.order_id, sale.coin, NOW + timedelta(minutes=2))
    assert (other.ordinal, again.pk) == (2, sale.attempt_id)
    leading = shown(sale.user_id, sale.order_id).attempt
    assert leading is not None
    assert leading.id == sale.attempt_id
    fresh = choose(sale.user_id, sale.order_id, sale.coin, NOW + timedelta(minutes=21))
    assert fresh.ordinal == 3


def test_no_other_coin_can_be_chosen_while_money_is_under_way(sale: Sale) -> None:
    sale.reads(Status.CONFIRMING, ASKED)
    with pytest.raises(billing.NotPossible):
        choose(sale.user_id, sale.order_id, "btc")


def test_an_order_has_a_limit_of_attempts(person: int) -> None:
    order_id = sales.place(person)
    for minutes in range(12):
        sales.prepare(person, order_id, at=NOW + timedelta(hours=minutes))
    with pytest.raises(billing.TooManyAttempts):
        choose(person, order_id, at=NOW + timedelta(hours=20))


def test_ordering_and_cancelling_without_end_is_stopped_for_a_day(person: int) -> None:
    for minute in range(8):
        order_id = sales.place(person, NOW + timedelta(minutes=minute))
        billing.cancel_order(user_id=person, order_id=order_id, now=NOW + timedelta(minutes=minute))
    with pytest.raises(billing.TooManyToday):
        sales.place(person, NOW + timedelta(hours=1))
    sales.place(sales.make_person(), NOW + timedelta(hours=1))  # nobody else is stopped
    assert sales.place(person, NOW + timedelta(days=1, minutes=1))


def test_a_person_has_a_limit_of_addresses_a_day_over_all_orders(
    person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "MAX_ATTEMPTS_A_DAY", 3)
    for minute in range(2):
        order_id = sales.place(person, NOW + timedelta(minutes=minute))
        for coin in (sales.COIN, "btc")[minute:]:
            billing.choose_coin(user_id=person, order_id=order_id, coin=coin, now=NOW)
        if not minute:
            billing.cancel_order(user_id=person, order_id=order_id, now=NOW)
    with pytest.raises(billing.TooManyToday):
        billing.choose_coin(user_id=person, order_id=order_id, coin=sales.COIN, now=NOW)
    assert billing.choose_coin(
        user_id=person, order_id=order_id, coin=sales.COIN, now=NOW + timedelta(days=1, minutes=1)
    )


def test_a_number_that_the_processor_gives_twice_is_refused_and_told(sale: Sale) -> None:
    other = sales.make_person()
    order_id = sales.place(other)
    billing.choose_coin(user_id=other, order_id=order_id, coin=sales.COIN, now=NOW)
    attempt = PaymentAttempt.objects.get(order_id=order_id)
    attempts.begin(attempt.pk, "key", NOW)
    again = replace(sales.answer(attempt.pk), payment_id=sale.payment_id)
    assert not attempts.answered(attempt.pk, again, NOW)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.failure, attempt.address) == ("refused", "number_taken", "")
    assert sale.payment.attempt_id == sale.attempt_id
    assert Alert.objects.filter(kind="payments.number_taken").exists()
    view = queries.order(other, order_id)
    assert view is not None
    assert view.state is State.TROUBLE
    billing.choose_coin(user_id=other, order_id=order_id, coin=sales.COIN, now=NOW)  # and goes on
    sale.reads(Status.FINISHED, ASKED)
    assert (sale.order.status, sale.activations) == ("paid", 1)


def test_an_answer_that_was_lost_gets_a_new_attempt_and_its_money_is_matched_by_reference(
    person: int,
) -> None:
    order_id = sales.place(person)
    lost = choose(person, order_id)
    assert attempts.begin(lost.pk, "key", NOW)
    attempts.lose(lost.pk, NOW)
    assert list(PaymentAttempt.objects.order_by("ordinal").values_list("state", flat=True)) == [
        "lost",
        "creating",
    ]
    money = Sale(person, order_id, lost.pk, "77").seen(Status.FINISHED, ASKED)
    settlement.record(money, processor="nowpayments", told_by="event", now=NOW)
    assert Order.objects.get().status == "paid"
    assert shown(person, order_id).state is State.ACTIVE


def test_a_create_call_that_died_with_its_worker_is_given_up_and_replaced(person: int) -> None:
    order_id = sales.place(person)
    dead = choose(person, order_id)
    assert attempts.begin(dead.pk, "key", NOW)
    assert attempts.begin(dead.pk, "key", NOW + timedelta(seconds=30)) is None
    assert billing.recover(now=NOW + timedelta(minutes=3)) == 1
    assert attempts.begin(dead.pk, "key", NOW + timedelta(minutes=3)) is None
    states = PaymentAttempt.objects.order_by("ordinal").values_list("state", flat=True)
    assert list(states) == ["lost", "creating"]


def test_an_answer_that_comes_after_all_is_watched_although_the_attempt_was_given_up(person: int) -> None:
    order_id = sales.place(person)
    slow = choose(person, order_id)
    assert attempts.begin(slow.pk, "key", NOW)
    attempts.lose(slow.pk, NOW)
    made = sales.answer(slow.pk)
    assert not attempts.answered(slow.pk, made, NOW)
    money = Sale(person, order_id, slow.pk, made.payment_id).seen(Status.FINISHED, ASKED)
    settlement.record(money, processor="nowpayments", told_by="poll", now=NOW)
    assert Order.objects.get().status == "paid"


def test_a_processor_that_loses_every_answer_is_asked_three_times(person: int) -> None:
    order_id = sales.place(person)
    choose(person, order_id)
    for _ in range(3):
        attempt = PaymentAttempt.objects.get(state="creating")
        assert attempts.begin(attempt.pk, "key", NOW)
        attempts.lose(attempt.pk, NOW)
    assert not PaymentAttempt.objects.filter(state="creating").exists()
    assert shown(person, order_id).state is State.TROUBLE


def test_a_processor_out_of_reach_is_tried_a_few_times_then_the_person_is_told(person: int) -> None:
    order_id = sales.place(person)
    attempt = choose(person, order_id)
    for _ in range(6):
        assert attempts.begin(attempt.pk, "key", NOW)
        attempts.put_back(attempt.pk, 5)
    view = shown(person, order_id)
    assert view.attempt is not None
    assert (view.state, view.attempt.failure) == (State.TROUBLE, "unreachable")


def test_nothing_is_asked_for_an_order_that_was_closed_meanwhile(person: int) -> None:
    order_id = sales.place(person)
    attempt = choose(person, order_id)
    billing.cancel_order(user_id=person, order_id=order_id, now=NOW)
    assert attempts.begin(attempt.pk, "key", NOW) is None
    assert PaymentAttempt.objects.get().failure == "order_closed"


def test_an_order_without_a_coin_lapses_after_a_day_and_without_a_mail(person: int) -> None:
    sales.place(person)
    assert billing.expire_orders(now=NOW + timedelta(hours=23)) == 0
    assert billing.expire_orders(now=NOW + timedelta(hours=24)) == 1
    assert not Mail.objects.filter(kind="order_expired").exists()
    assert sales.place(person, NOW + timedelta(hours=25)) is not None


def test_the_database_itself_keeps_an_address_once_it_was_shown(sale: Sale) -> None:
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        PaymentAttempt.objects.filter(pk=sale.attempt_id).update(address="Tanother")
    assert Payment.objects.count() == 1
