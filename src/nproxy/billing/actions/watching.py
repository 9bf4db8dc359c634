"""The sweep for work whose job died, and the wish to see both books compared."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.billing import attempts, books, incoming, jobs
from nproxy.billing.actions.ordering import CheckoutClosed
from nproxy.billing.processors import takes_payments
from nproxy.billing.rules.report import Report
from nproxy.kit.threads import in_database

# What the audit log has it under: the operators' page of all reports.
BOOKS = ("page", "billing/reconciliation")


def recover(*, now: datetime) -> int:
    """Give new jobs to attempts and callbacks whose job died; how many. Called by the clock."""
    return attempts.attend_again(now) + incoming.attend_again(now)


@transaction.atomic
def ask_for_report(*, actor: Actor, now: datetime) -> None:
    """Have the worker compare both books and keep the report. One that waits already is enough. Raises CheckoutClosed."""
    if not takes_payments():
        raise CheckoutClosed
    jobs.reconcile(actor.name)
    _record(actor, now, BOOKS)


async def reconcile(*, actor: Actor, now: datetime, order_id: UUID | None = None) -> Report:
    """Compare both books at once, and keep the report; of one order the answer is all there is. Audited.

    Talks to the processor, so it belongs into the worker or the command line.
    """
    await in_database(_record, actor, now, ("order", order_id) if order_id else BOOKS)
    report = await books.reconcile(now=now, order_id=order_id)
    if order_id is None:
        await in_database(books.keep, report, actor.name, timezone.now())
    return report


def _record(actor: Actor, now: datetime, target: tuple[str, object]) -> None:
    audit.record(actor=actor, action="books.report_asked", target=target, now=now, before=None, after=None)
