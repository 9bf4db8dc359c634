"""The mails about money, each owed once, in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from nproxy.accounts import queries as people
from nproxy.billing import offers
from nproxy.billing.models import Order, Payment, PaymentAttempt, Receipt, Refund, RefundAddress
from nproxy.billing.rules.networks import in_words
from nproxy.kit.addresses import full
from nproxy.kit.languages import spoken
from nproxy.kit.money import coin_text, dollars
from nproxy.notifications import actions as notifications
from nproxy.notifications.rules import Button, Letter

P = ParamSpec("P")


def in_their_language(
    write: Callable[Concatenate[Order, P], None],
) -> Callable[Concatenate[Order, P], None]:
    """A letter about an order is in the language of whoever ordered."""

    @wraps(write)
    def written(order: Order, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with spoken(people.language_of(order.user_id)):
            write(order, *args, **kwargs)

    return written


@in_their_language
def address_ready(order: Order, attempt: PaymentAttempt, now: datetime) -> None:
    """Where to send how much: closing the page loses nothing."""
    words = _words(order) | {"network": in_words(attempt.network), "coin": offers.ticker(attempt.coin)}
    if attempt.pay_amount is not None:
        words["amount"] = coin_text(attempt.pay_amount)
    lines = [
        _("You ordered %(plan)s for %(price)s.") % words,
        _("Send %(amount)s %(coin)s over the network %(network)s to this address:") % words,
        attempt.address,
    ]
    if attempt.memo:
        lines.append(_("With this memo, without which it is not found: %(memo)s") % {"memo": attempt.memo})
    notes = [_("The full amount has to arrive. If you pay from an exchange, add its withdrawal fee.")]
    if attempt.address_ends_at:
        notes.append(_("The address is valid until %(until)s.") % {"until": _moment(attempt.address_ends_at)})
    _send(order, "order_open", attempt.pk, _("How to pay for %(plan)s") % words, lines, notes=notes, now=now)


@in_their_language
def payment_seen(order: Order, payment: Payment, now: datetime) -> None:
    """Money is on the network; there is nothing left to do for the person."""
    lines = [
        _("We see your payment on the network."),
        _("It needs some confirmations now. Access starts by itself, and we write again when it does."),
    ]
    _send(order, "payment_seen", payment.pk, _("We see your payment"), lines, now=now)


@in_their_language
def activated(order: Order, receipt: Receipt, starts_at: datetime, *, is_late: bool, now: datetime) -> None:
    """Access, with the receipt; a late payment was used like any other."""
    words = _words(order) | {"number": f"{receipt.number:06}", "start": _moment(starts_at)}
    lines = [_("Your payment for %(plan)s has arrived.") % words]
    if is_late:
        lines.append(_("It came after the order had been closed. Nothing is lost: it was used all the same."))
    if starts_at > now:
        lines.append(_("Your next month starts on %(start)s, right behind the current one.") % words)
    else:
        lines.append(_("Your month has started."))
    notes = [_("Receipt %(number)s, %(price)s. It can be printed from the page of the order.") % words]
    _send(order, "order_paid", order.pk, _("%(plan)s is yours") % words, lines, notes=notes, now=now)


@in_their_language
def underpaid(order: Order, payment: Payment, now: datetime) -> None:
    """Less came than was asked for; a person looks at it."""
    words = {"came": coin_text(payment.actually_paid), "coin": offers.ticker(payment.pay_coin)}
    if payment.pay_amount is not None:
        words["asked"] = coin_text(payment.pay_amount)
    lines = [
        _("Your payment has arrived, but it is short: %(came)s of %(asked)s %(coin)s.") % words,
        _("Nothing is lost. We look at it and write to you; please do not send anything to that address."),
    ]
    _send(order, "order_underpaid", payment.pk, _("Your payment is short"), lines, now=now)


@in_their_language
def expired(order: Order, now: datetime) -> None:
    """The order lapsed without money."""
    lines = [
        _("No payment came for your order of %(plan)s, so it has expired.") % _words(order),
        _("If you have sent something all the same, do nothing: it is used when it arrives."),
    ]
    _send(order, "order_expired", order.pk, _("Your order has expired"), lines, now=now)


@in_their_language
def refunded(order: Order, refund: Refund, now: datetime) -> None:
    """Money goes back."""
    words = {"amount": coin_text(refund.amount), "coin": offers.ticker(refund.coin)}
    lines = [_("We have sent %(amount)s %(coin)s back to you.") % words]
    if refund.transaction:
        lines.append(_("The transaction is %(id)s.") % {"id": refund.transaction})
    _send(order, "order_refunded", refund.pk, _("Your refund is on its way"), lines, now=now)


def refund_address(order: Order, given: RefundAddress, token: str, now: datetime) -> None:
    """Someone who is signed in gave an address: is it really theirs?"""
    words = {"coin": offers.ticker(given.coin), "network": in_words(given.network)}
    lines = [
        _("This address was given for money that may go back to you, in %(coin)s on %(network)s:") % words,
        given.address,
        _("If that is right, confirm it. If it was not you, do not, and change your password."),
    ]
    button = Button(_("Yes, this address is mine"), full(f"/billing/refund-address/{token}/"))
    subject = _("Is this your address?")
    _send(order, "refund_address", given.pk, subject, lines, button=button, now=now)


def _send(
    order: Order,
    kind: str,
    what: object,
    subject: str,
    lines: Sequence[str],
    *,
    now: datetime,
    notes: Sequence[str] = (),
    button: Button | None = None,
) -> None:
    person = people.person(order.user_id)
    if person is None or person.deleted_at:
        return
    page = button or Button(_("Open the order"), full(f"/billing/orders/{order.pk}/"))
    letter = Letter(subject, tuple(lines), page, tuple(notes))
    notifications.send_letter(key=f"{kind}:{what}", kind=kind, recipient=person.email, letter=letter, now=now)


def _words(order: Order) -> dict[str, str]:
    return {"plan": order.plan_name, "price": dollars(order.price_cents)}


def _moment(moment: datetime) -> str:
    return date_format(moment.astimezone(UTC), "j E Y, H:i") + " UTC"
