"""The processor's book beside ours, on the operators' pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.doors.staff.seats import Seat, address, recorded
from tests.rooms.billing import sales
from tests.rooms.billing.sales import Sale

from nproxy.billing import tasks
from nproxy.billing.models import Payment, Reconciliation
from nproxy_sandbox.testing import RunningProcessor, running_nowpayments

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def processor() -> Iterator[RunningProcessor]:
    with running_nowpayments(pace=1000) as running:
        yield running


@pytest.fixture
def sale(processor: RunningProcessor, settings: Settings) -> Sale:
    """An order whose payment the processor does not know."""
    cache.clear()
    processor.till.reset()
    ProcrastinateJob.objects.filter(task_name="billing.reconcile").delete()
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("sandbox-ipn-secret",)
    settings.NPROXY_NOWPAYMENTS_COINS = settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = ("usdttrc20",)
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.001
    settings.NPROXY_NOWPAYMENTS_BASE_URL = processor.base_url
    sales.make_plan()
    sales.make_coins()
    return sales.sell(at=timezone.now())


def asked(seat: Seat) -> str:
    return seat.client.post(
        address(Reconciliation, act="reconcile"), {"seen": "-"}, follow=True
    ).content.decode()


def test_the_worker_makes_the_report_that_an_operator_asks_for_and_it_leads_to_what_differs(
    operator: Seat, viewer: Seat, sale: Sale
) -> None:
    assert "The worker reads every payment now." in asked(operator)
    asked(operator)
    [job] = ProcrastinateJob.objects.filter(task_name="billing.reconcile")
    assert not Reconciliation.objects.exists()
    assert {each.action for each in recorded("page", "billing/reconciliation")} == {"books.report_asked"}
    asyncio.run(tasks.reconcile(**job.args))
    report = Reconciliation.objects.get()
    assert (report.asked_by, report.unread) == (operator.user.email, [sale.payment_id])
    page = viewer.opens(address(Reconciliation, report.pk))
    assert address(Payment, sale.payment.pk) in page
    assert "differs" in viewer.opens(address(Reconciliation))
    assert "/act/" not in page


def test_the_report_shows_theirs_ours_and_the_difference_and_stays(viewer: Seat, sale: Sale) -> None:
    line = {
        "payment_id": sale.payment_id,
        "order_id": str(sale.order_id),
        "status": "finished",
        "theirs_cents": 1900,
        "ours": "",
    }
    report = Reconciliation.objects.create(
        asked_by="ann", made_at=timezone.now(), read=2, theirs_cents=3800, ours_cents=1900, activated=1, in_review=0,
        unvalued=0, differences=[line],
    )  # fmt: skip
    page = viewer.opens(address(Reconciliation, report.pk))
    for words in ("$38.00", "$19.00", address(Payment, sale.payment.pk), str(sale.order_id), "nothing"):
        assert words in page
    with pytest.raises(DatabaseError, match="stays"):
        Reconciliation.objects.update(ours_cents=3800)


def test_nobody_without_the_right_or_without_a_processor_has_it_compared(
    viewer: Seat, operator: Seat, sale: Sale, settings: Settings
) -> None:
    there = address(Reconciliation, act="reconcile")
    assert viewer.client.post(there, {"seen": "-"}).status_code == 403
    settings.NPROXY_NOWPAYMENTS_API_KEY = ""
    assert "No payment processor is set up." in asked(operator)
    assert not ProcrastinateJob.objects.filter(task_name="billing.reconcile").exists()
