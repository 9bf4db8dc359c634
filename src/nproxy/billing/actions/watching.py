"""The sweep for work whose job died, and the wish to see both books compared."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.billing import attempts, incoming, jobs
from nproxy.billing.actions.ordering import CheckoutClosed
from nproxy.billing.processors import takes_payments


def recover(*, now: datetime) -> int:
    """Give new jobs to attempts and callbacks whose job died; how many. Called by the clock."""
    return attempts.attend_again(now) + incoming.attend_again(now)


@transaction.atomic
def ask_for_report(*, actor: Actor, now: datetime) -> None:
    """Have the worker compare both books and keep the report. One that waits already is enough. Raises CheckoutClosed."""
    if not takes_payments():
        raise CheckoutClosed
    jobs.reconcile(actor.name)
    audit.record(actor=actor, action="books.report_asked", target=("page", "billing/reconciliation"), now=now)
