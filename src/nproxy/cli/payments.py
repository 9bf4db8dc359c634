"""`nproxy payments`: money."""

from __future__ import annotations

import asyncio
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from uuid import UUID

import click

from nproxy.billing import actions as billing
from nproxy.billing import queries
from nproxy.billing.rules.report import Report
from nproxy.billing.rules.reviews import DECISIONS
from nproxy.cli import refunds, show
from nproxy.cli.door import AlreadySo, Answers, NotFound, actor, refusals, right_now, with_database
from nproxy.kit.money import dollars

if TYPE_CHECKING:
    from nproxy.billing.queries import ReviewLine

REVIEW_COLUMNS = (
    *("id", "since", "why", "person", "price", "coin", "asked", "received", "payment"),
    *("refund to", "can be"),
)


@click.group()
def payments() -> None:
    """Money: reconcile, list, replay, reviews, review, resolve, refunds, refunded."""


payments.add_command(refunds.review)
payments.add_command(refunds.refunds)
payments.add_command(refunds.refunded)


@payments.command()
@click.option("--order", "order_id", type=click.UUID, help="The payments of this order only, however old.")
@show.json_option
@with_database
def reconcile(order_id: UUID | None, as_json: bool) -> None:
    """Read every payment of the last weeks at the processor, settle what is news, and compare both books.

    The report is kept for the web admin, too. Exit 1 when something differs, or could not be read.

    \b
    Example: nproxy payments reconcile
    """
    if order_id is not None and not queries.is_order(order_id):
        raise NotFound("There is no such order.")
    report = asyncio.run(billing.reconcile(actor=actor(), now=right_now(), order_id=order_id))
    if as_json:
        show.as_json(
            {"is_clean": report.is_clean, "difference_cents": report.difference_cents, "report": report}
        )
    else:
        _print_report(report)
    if not report.is_clean:
        raise SystemExit(1)


def _print_report(report: Report) -> None:
    show.facts(
        [
            ("payments read", report.read),
            ("could not be read", ", ".join(report.unread) or "none"),
            ("theirs", dollars(report.theirs_cents)),
            ("ours", dollars(report.ours_cents)),
            ("difference", dollars(report.difference_cents)),
            ("activated", report.activated),
            ("in review", report.in_review),
            ("of unknown value", report.unvalued),
        ]
    )
    if report.differences:
        show.table(
            ("payment", "order", "theirs", "ours"),
            [(one.payment_id, one.order_id, one.status, one.ours) for one in report.differences],
        )


@payments.command(name="list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--events", "of_events", is_flag=True, help="The callbacks instead, with those in quarantine.")
@show.json_option
@with_database
def list_all(limit: int, of_events: bool, as_json: bool) -> None:
    """The newest payments, or with --events the newest callbacks.

    \b
    Example: nproxy payments list --events
    """
    if of_events:
        _list_events(limit, as_json)
        return
    lines = queries.payments(limit=limit)
    if as_json:
        show.as_json(lines)
        return
    show.table(
        ("payment", "found", "person", "price", "status", "coin", "asked", "received", "order", "review"),
        [
            (
                one.payment_id,
                one.found_at,
                one.email,
                dollars(one.price_cents) if one.price_cents is not None else None,
                one.status,
                one.coin,
                one.asked,
                one.received,
                one.order_status,
                one.review,
            )
            for one in lines
        ],
    )


def _list_events(limit: int, as_json: bool) -> None:
    found = [*queries.events(limit=limit), *queries.events(limit=limit, quarantined=True)]
    lines = sorted(found, key=lambda one: one.received_at, reverse=True)[:limit]
    if as_json:
        show.as_json(lines)
        return
    show.table(
        ("event", "received", "from", "signature", "payment", "tells", "handled", "outcome"),
        [
            (
                one.id,
                one.received_at,
                one.address,
                "good" if one.is_verified else "bad",
                one.payment_id,
                one.told,
                one.handled_at,
                one.outcome,
            )
            for one in lines
        ],
    )


@payments.command()
@click.argument("event", type=click.UUID)
@with_database
def replay(event: UUID) -> None:
    """Follow a stored callback again; one in quarantine if its signature fits by now.

    \b
    Example: nproxy payments replay 01990f6e-7c1a-7bbb-8c1d-2f5d0c9a4e11
    """
    unknown: Answers = {
        billing.UnknownEvent: NotFound("No callback has this id; `nproxy payments list --events` shows them.")
    }
    with refusals(unknown):
        received = billing.replay(event_id=event, actor=actor(), now=right_now())
    if received is billing.Received.QUARANTINED:
        raise click.ClickException("The signature still does not fit any NPROXY_NOWPAYMENTS_IPN_SECRET.")
    click.echo("The worker follows it now.")


@payments.command()
@show.json_option
@with_database
def reviews(as_json: bool) -> None:
    """The money that waits for a decision, the oldest first.

    \b
    Example: nproxy payments reviews
    """
    lines = queries.reviews()
    if as_json:
        show.as_json(lines)
        return
    show.table(REVIEW_COLUMNS, [_review(one) for one in lines])


def _review(one: ReviewLine) -> list[object]:
    price = dollars(one.price_cents) if one.price_cents is not None else None
    refund_to = f"{one.refund_to} ({'confirmed' if one.is_confirmed else 'unconfirmed'})"
    return [
        *(
            one.id,
            one.opened_at,
            one.reason,
            one.email,
            price,
            one.coin,
            one.asked,
            one.received,
            one.payment_id,
        ),
        refund_to if one.refund_to else None,
        ", ".join(one.outcomes),
    ]


@payments.command()
@click.argument("review_id", metavar="REVIEW", type=int)
@click.argument("outcome", type=click.Choice([one.value for one in DECISIONS]))
@click.option("--reason", required=True, help="Kept in the audit log.")
@click.option("--order", "order_id", type=click.UUID, help="The order that money without one is for.")
@click.option("--amount", help="For a refund: how much, in the coin.")
@click.option("--coin", help="For a refund: which coin.")
@click.option(
    "--address", default="", help="For a refund: where it goes; else to what the person gave and confirmed."
)
@click.option("--transaction", default="", help="For a refund: its transaction, once it is sent.")
@with_database
def resolve(
    *,
    review_id: int,
    outcome: str,
    reason: str,
    order_id: UUID | None,
    amount: str | None,
    coin: str | None,
    address: str,
    transaction: str,
) -> None:
    """Decide about money in review: accept, next_cycle, refund, close.

    \b
    Example: nproxy payments resolve 7 accept --reason "short by a withdrawal fee"
    """
    refund = billing.RefundNote(coin, _amount(amount), address, transaction) if coin and amount else None
    answers: Answers = {
        billing.UnknownReview: NotFound("No review has this number; `nproxy payments reviews` shows them."),
        billing.UnknownOrder: NotFound("There is no such order."),
        billing.AlreadyResolved: AlreadySo("It has been decided already."),
        billing.StillQueued: click.ClickException("A cycle waits already; decide again when it has started."),
        billing.NotOffered: click.ClickException(
            "That is not possible for this review, or it lacks --order, or --amount and --coin."
        ),
    }
    with refusals(answers):
        billing.resolve(
            review_id=review_id,
            outcome=outcome,
            reason=reason,
            actor=actor(),
            now=right_now(),
            order_id=order_id,
            refund=refund,
        )
    click.echo("Decided.")


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise click.BadParameter("a number, please", param_hint="--amount") from None
