"""`nproxy payments`, continued: reviews opened by hand, and money that goes back."""

from __future__ import annotations

from uuid import UUID

import click

from nproxy.billing import actions as billing
from nproxy.billing import queries
from nproxy.cli import show
from nproxy.cli.door import AlreadySo, Answers, NotFound, actor, refusals, right_now, with_database


@click.command()
@click.argument("order", type=click.UUID)
@click.option("--reason", required=True, help="Kept in the audit log.")
@with_database
def review(order: UUID, reason: str) -> None:
    """Put an order before the desk, whatever the processor says: then `resolve` can accept or refund it.

    \b
    Example: nproxy payments review 01990f6e-7c1a-7bbb-8c1d-2f5d0c9a4e11 --reason "paid in cash"
    """
    answers: Answers = {
        billing.UnknownOrder: NotFound("There is no such order."),
        billing.AlreadyResolved: AlreadySo("A review by hand is open for it already."),
    }
    with refusals(answers):
        number = billing.open_review(order_id=order, reason=reason, actor=actor(), now=right_now())
    click.echo(f"Review {number}. Decide by: nproxy payments resolve {number} OUTCOME --reason TEXT")


@click.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@show.json_option
@with_database
def refunds(limit: int, as_json: bool) -> None:
    """The newest refunds: owed, sent, failed.

    \b
    Example: nproxy payments refunds
    """
    lines = queries.refunds(limit=limit)
    if as_json:
        show.as_json(lines)
        return
    show.table(
        ("id", "recorded", "state", "person", "amount", "coin", "to", "transaction", "reason"),
        [
            (
                one.id,
                one.recorded_at,
                one.state,
                one.email,
                one.amount,
                one.coin,
                one.address,
                one.transaction,
                one.reason,
            )
            for one in lines
        ],
    )


@click.command()
@click.argument("refund_id", metavar="REFUND", type=int)
@click.option("--transaction", default="", help="The transaction that sent it.")
@click.option("--failed", is_flag=True, help="It did not arrive, or cannot be sent.")
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def refunded(refund_id: int, transaction: str, *, failed: bool, reason: str) -> None:
    """An owed refund was sent, in this transaction, or has failed. The person gets a mail about one that was sent.

    \b
    Example: nproxy payments refunded 3 --transaction 7f3a…
    """
    if failed == bool(transaction):
        raise click.UsageError("Name its --transaction, or say that it --failed.")
    answers: Answers = {
        billing.UnknownRefund: NotFound("No refund has this number; `nproxy payments refunds` shows them."),
        billing.AlreadyResolved: AlreadySo("It is not owed any more."),
    }
    with refusals(answers):
        billing.note_refund(
            refund_id=refund_id,
            state="failed" if failed else "sent",
            transaction_id=transaction,
            reason=reason,
            actor=actor(),
            now=right_now(),
        )
    click.echo("Noted.")
