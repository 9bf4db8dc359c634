"""Reconciliation: read every payment anew, settle what is news, then lay the processor's book beside ours."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from nproxy.billing import run
from nproxy.billing.models import Payment, Reconciliation
from nproxy.billing.processors import Processor, processor
from nproxy.billing.rules.report import Line, Report, compare
from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.schedule import ATTENTION
from nproxy.billing.rules.settlement import value_cents
from nproxy.kit.threads import in_database

MISSES = 3


async def reconcile(*, now: datetime, order_id: UUID | None = None) -> Report:
    """Read every payment of the last weeks (or of one order, however old) and compare both books.

    What it finds new is settled.
    """
    service = processor()
    wanted = await in_database(_wanted, service.name, now, order_id)
    unread = await _unread(service, await _unread(service, wanted))
    lines = await in_database(_lines, service.name, sorted(set(wanted) - set(unread)))
    return compare(lines, unread)


async def write_report(asked_by: str) -> None:
    """Reconcile, and keep the report for whoever asked."""
    report = await reconcile(now=timezone.now())
    await in_database(keep, report, asked_by, timezone.now())


def keep(report: Report, asked_by: str, now: datetime) -> None:
    """As a row that stays."""
    kept = asdict(report) | {"unread": list(report.unread)}
    Reconciliation.objects.create(asked_by=asked_by, made_at=now, **kept)


async def _unread(service: Processor, wanted: list[str]) -> list[str]:
    """Read these payments; those that it did not work for. A processor that fails three times in a row is away."""
    left, misses = [], 0
    for payment_id in wanted:
        reading = run.Reading.AWAY
        if misses < MISSES:
            reading = await run.read(payment_id, told_by="operator", service=service)
            misses = misses + 1 if reading is run.Reading.AWAY else 0
        if reading is not run.Reading.READ:
            left.append(payment_id)
    return left


def _wanted(name: str, now: datetime, order_id: UUID | None) -> list[str]:
    payments = Payment.objects.filter(processor=name).order_by("pk")
    if order_id:
        payments = payments.filter(attempt__order_id=order_id)
    else:
        payments = payments.filter(found_at__gt=now - ATTENTION)
    return list(payments.values_list("payment_id", flat=True))


def _lines(name: str, payment_ids: list[str]) -> list[Line]:
    rows = Payment.objects.filter(processor=name, payment_id__in=payment_ids).select_related("attempt__order")
    return [_line(payment) for payment in rows.prefetch_related("activations", "reviews", "refunds")]


def _line(payment: Payment) -> Line:
    order = payment.attempt.order if payment.attempt else None
    return Line(
        payment_id=payment.payment_id,
        order_id=str(order.pk) if order else "",
        status=payment.last_status or payment.status,
        theirs_cents=value_cents(
            order.price_cents if order else 0,
            paid=payment.actually_paid,
            asked=payment.pay_amount,
            valued=payment.received_cents,
            is_child=bool(payment.parent_payment_id) or order is None,
        ),
        ours=_ours(payment),
    )


def _ours(payment: Payment) -> str:
    if payment.refunds.all():
        return "refunded"
    reasons = {review.reason for review in payment.reviews.all()}
    if payment.activations.all() and Reason.TURNED_BAD not in reasons:
        return "activated"
    return "review" if reasons else ""
