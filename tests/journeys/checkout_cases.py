"""One order for every text that the checkout has prepared, made by the rooms' own verbs on a demo's database.

Run as a module by `tests.journeys.checkout_pictures`; prints a line of JSON: {case: [session, order]}.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nproxy.config.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 - after the setup
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402
from tests.rooms.billing import sales  # noqa: E402
from tests.rooms.billing.sales import ASKED, OPERATOR, Sale  # noqa: E402

from nproxy.accounts.models import User  # noqa: E402
from nproxy.billing import actions as billing  # noqa: E402
from nproxy.billing import attempts, settlement  # noqa: E402
from nproxy.billing.actions import RefundNote  # noqa: E402
from nproxy.billing.models import PaymentAttempt, Review  # noqa: E402
from nproxy.billing.rules.wire import Status  # noqa: E402
from nproxy.subscriptions import actions as subscriptions  # noqa: E402

TRON = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"
HASH = "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0"


def chosen(failure: str = "") -> Sale:
    """An order whose address is being prepared, or was refused for a reason."""
    person = sales.make_person()
    order_id = sales.place(person, timezone.now())
    billing.choose_coin(user_id=person, order_id=order_id, coin=sales.COIN, now=timezone.now())
    attempt = PaymentAttempt.objects.get(order_id=order_id)
    attempts.begin(attempt.pk, "key", timezone.now())
    if failure:
        attempts.refuse(attempt.pk, failure)
    return Sale(person, order_id, attempt.pk, "")


def undecided() -> Sale:
    person = sales.make_person()
    return Sale(person, sales.place(person, timezone.now()), sales.uuid4(), "")


def read(status: Status, paid: Decimal = ASKED, sale: Sale | None = None, **changes: object) -> Sale:
    """The processor says so about a sale's payment."""
    sale = sale or sell()
    sale.reads(status, paid, at=timezone.now(), payin_hash=HASH if paid else "", **changes)
    return sale


def sell(at: datetime | None = None) -> Sale:
    return sales.sell(at=at or timezone.now())


def child(status: Status, coin: str = sales.COIN, sale: Sale | None = None) -> Sale:
    """More money came to the address."""
    sale = sale or sell()
    seen = sale.child(status, Decimal(19), coin=coin)
    settlement.record(seen, processor="nowpayments", told_by="event", now=timezone.now())
    return sale


def quote_over() -> Sale:
    return sell(timezone.now() - timedelta(hours=1))


def with_memo() -> Sale:
    sale = chosen()
    made = replace(sales.answer(sale.attempt_id, at=timezone.now()), memo="103482991")
    attempts.answered(sale.attempt_id, made, timezone.now())
    return sale


def two_coins() -> Sale:
    sale = sell()
    return sales.prepare(sale.user_id, sale.order_id, "btc", timezone.now())


def closed(*, expired: bool) -> Sale:
    if expired:
        sale = sell(timezone.now() - timedelta(days=8))
        billing.expire_orders(now=timezone.now())
    else:
        sale = sell()
        billing.cancel_order(user_id=sale.user_id, order_id=sale.order_id, now=timezone.now())
    return sale


def queued_already() -> Sale:
    sale = sell()
    for _ in range(2):
        subscriptions.activate(user_id=sale.user_id, limit=10, now=timezone.now())
    return read(Status.FINISHED, sale=sale)


def refund(*, is_sent: bool) -> Sale:
    sale = read(Status.PARTIALLY_PAID, ASKED / 2)
    note = RefundNote(sales.COIN, ASKED / 2, TRON, HASH if is_sent else "")
    review = Review.objects.get(order_id=sale.order_id, resolved_at=None)
    billing.resolve(
        review_id=review.pk, outcome="refund", reason="asked", actor=OPERATOR, now=timezone.now(), refund=note
    )
    return sale


def closed_by_a_person() -> Sale:
    sale = read(Status.PARTIALLY_PAID, ASKED / 2)
    review = Review.objects.get(order_id=sale.order_id, resolved_at=None)
    billing.resolve(review_id=review.pk, outcome="close", reason="dust", actor=OPERATOR, now=timezone.now())
    return sale


def short_with_address(*, confirmed: bool) -> Sale:
    sale = read(Status.PARTIALLY_PAID, ASKED / 2)
    billing.give_refund_address(
        user_id=sale.user_id, order_id=sale.order_id, address=TRON, now=timezone.now()
    )
    if confirmed:
        given = sale.order.refund_addresses.get()
        billing.confirm_refund_address(address_id=given.pk, now=timezone.now())
    return sale


CASES: dict[str, Callable[[], Sale]] = {
    "choose": undecided,
    "preparing": chosen,
    "waiting": sell,
    "waiting_memo": with_memo,
    "waiting_quote_over": quote_over,
    "waiting_other_addresses": two_coins,
    "trouble_below_minimum": lambda: chosen("below_minimum"),
    "trouble_coin_unavailable": lambda: chosen("coin_unavailable"),
    "trouble_unreachable": lambda: chosen("unreachable"),
    "trouble_no_answer": lambda: chosen("no_answer"),
    "trouble_number_taken": lambda: chosen("number_taken"),
    "trouble_other": lambda: chosen("other"),
    "trouble_failed": lambda: read(Status.FAILED, Decimal(0)),
    "seen": lambda: read(Status.CONFIRMING),
    "confirming": lambda: read(Status.SENDING),
    "active": lambda: read(Status.FINISHED),
    "late": lambda: read(Status.FINISHED, sale=closed(expired=True)),
    "overpaid": lambda: read(Status.FINISHED, ASKED * 2),
    "second_payment": lambda: read(Status.FINISHED, sale=read_first_of_two()),
    "underpaid": lambda: read(Status.PARTIALLY_PAID, ASKED / 2),
    "underpaid_address_given": lambda: short_with_address(confirmed=False),
    "underpaid_address_confirmed": lambda: short_with_address(confirmed=True),
    "review_queued": queued_already,
    "review_redeposit": lambda: child(Status.PARTIALLY_PAID, sale=read(Status.FINISHED)),
    "review_wrong_coin": lambda: child(Status.WRONG_ASSET, "usdcsol"),
    "review_wrong_price": lambda: read(Status.FINISHED, price_cents=100),
    "review_failed_with_money": lambda: read(Status.FAILED),
    "review_expired_with_money": lambda: read(Status.EXPIRED),
    "review_unknown_status": lambda: read(Status.UNKNOWN),
    "review_turned_bad": lambda: read(Status.FAILED, sale=read(Status.FINISHED)),
    "expired": lambda: closed(expired=True),
    "canceled": lambda: closed(expired=False),
    "closed": closed_by_a_person,
    "refund_owed": lambda: refund(is_sent=False),
    "refunded": lambda: refund(is_sent=True),
}


def read_first_of_two() -> Sale:
    """Two coins of one order, the second paid already; the first's payment."""
    first = sell()
    second = sales.prepare(first.user_id, first.order_id, "btc", timezone.now())
    read(Status.FINISHED, sale=second)
    return first


def session_of(user_id: int) -> str:
    """Someone signed in."""
    person = User.objects.get(pk=user_id)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    made = {name: make() for name, make in CASES.items()}
    told = {name: [session_of(sale.user_id), str(sale.order_id)] for name, sale in made.items()}
    print(json.dumps(told))  # noqa: T201 - a command's output
