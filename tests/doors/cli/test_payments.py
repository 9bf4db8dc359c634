"""`nproxy payments` on a real database and the real wire."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, NOW, Sale

from nproxy.audit import queries as audit
from nproxy.billing import actions as billing
from nproxy.billing import queries
from nproxy.billing.models import Reconciliation, Review
from nproxy.billing.rules.wire import Status


@pytest.fixture
def sale(db: None, settings: Settings) -> Sale:
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("secret",)
    settings.NPROXY_NOWPAYMENTS_COINS = settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = ("usdttrc20",)
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.001
    # Nobody listens there: what needs the processor fails at once.
    settings.NPROXY_NOWPAYMENTS_BASE_URL = "http://127.0.0.1:9/v1"
    sales.make_plan()
    sales.make_coins()
    return sales.sell(at=timezone.now())


def test_payments_are_listed_with_what_they_are_for(run: Any, sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2)
    (line,) = json.loads(run("payments", "list", "--json").stdout)
    assert (line["payment_id"], line["order_status"], line["review"]) == (
        sale.payment_id,
        "review",
        "underpaid",
    )
    assert sale.payment_id in run("payments", "list").stdout


def test_callbacks_are_listed_with_those_in_quarantine(run: Any, sale: Sale) -> None:
    billing.receive_event(body=b"{}", headers={}, address="6.6.6.6", now=NOW)
    (line,) = json.loads(run("payments", "list", "--events", "--json").stdout)
    assert (line["address"], line["is_verified"]) == ("6.6.6.6", False)
    assert "6.6.6.6" in run("payments", "list", "--events").stdout


def test_a_replay_needs_a_callback_that_is_there_and_whose_signature_fits(run: Any, sale: Sale) -> None:
    assert run("payments", "replay", str(uuid4())).exit_code == 3
    billing.receive_event(body=b"{}", headers={}, address="6.6.6.6", now=NOW)
    held = queries.events(quarantined=True)[0].id
    assert run("payments", "replay", str(held)).exit_code == 1


def test_a_review_is_decided_on_the_command_line(run: Any, sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2)
    number = str(Review.objects.get().pk)
    assert "underpaid" in run("payments", "reviews").stdout
    assert run("payments", "resolve", number, "refund", "--reason", "x").exit_code == 1
    assert run("payments", "resolve", number, "accept", "--reason", "a withdrawal fee").exit_code == 0
    assert run("payments", "resolve", number, "close", "--reason", "again").exit_code == 4
    assert run("payments", "resolve", "0", "close", "--reason", "x").exit_code == 3
    assert sale.activations == 1
    assert json.loads(run("payments", "reviews", "--json").stdout) == []


def test_a_refund_is_written_down_with_its_amount(run: Any, sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2)
    words = (
        "payments",
        "resolve",
        str(Review.objects.get().pk),
        "refund",
        "--reason",
        "x",
        "--coin",
        "usdttrc20",
    )
    assert run(*words, "--amount", "much").exit_code == 2
    assert run(*words, "--amount", "9.5", "--address", "Tme").exit_code == 0
    assert (sale.order.status, queries.refunds()[0].amount) == ("refunded", "9.5")


def test_an_order_is_put_before_the_desk_by_hand_and_an_owed_refund_is_noted_as_sent(
    run: Any, sale: Sale
) -> None:
    assert run("payments", "review", str(uuid4()), "--reason", "x").exit_code == 3
    assert run("payments", "review", str(sale.order_id), "--reason", "paid in cash").exit_code == 0
    assert run("payments", "review", str(sale.order_id), "--reason", "again").exit_code == 4
    number = str(Review.objects.get().pk)
    decide = (
        "payments",
        "resolve",
        number,
        "refund",
        "--reason",
        "x",
        "--coin",
        "usdttrc20",
        "--amount",
        "19",
    )
    assert run(*decide).exit_code == 0
    refund = str(queries.refunds()[0].id)
    assert "owed" in run("payments", "refunds").stdout
    assert run("payments", "refunded", refund).exit_code == 2
    assert run("payments", "refunded", refund, "--transaction", "7f3a").exit_code == 0
    assert run("payments", "refunded", refund, "--transaction", "7f3a").exit_code == 4
    assert run("payments", "refunded", "0", "--failed").exit_code == 3
    (line,) = json.loads(run("payments", "refunds", "--json").stdout)
    assert (line["state"], line["transaction"]) == ("sent", "7f3a")


def test_the_desk_sees_where_a_person_wants_their_money(run: Any, sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2)
    address = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"
    billing.give_refund_address(user_id=sale.user_id, order_id=sale.order_id, address=address, now=NOW)
    (line,) = json.loads(run("payments", "reviews", "--json").stdout)
    assert (line["refund_to"], line["is_confirmed"]) == (address, False)
    assert f"{address} (unconfirmed)" in run("payments", "reviews").stdout


@pytest.mark.django_db(transaction=True)
def test_books_that_cannot_be_read_end_with_one(run: Any, sale: Sale) -> None:
    result = run("payments", "reconcile", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["report"]["unread"] == [sale.payment_id]
    report = Reconciliation.objects.get()  # for the web admin, too
    assert report.unread == [sale.payment_id]
    [asked] = audit.entries(target=("page", "billing/reconciliation"))
    assert (asked.action, asked.actor_kind, asked.actor_name) == (
        "books.report_asked",
        "cli",
        report.asked_by,
    )
    assert sale.payment_id in run("payments", "reconcile", "--order", str(sale.order_id)).stdout
    assert [each.action for each in audit.entries(target=("order", sale.order_id))] == ["books.report_asked"]
    assert Reconciliation.objects.count() == 1
    assert run("payments", "reconcile", "--order", str(uuid4())).exit_code == 3
