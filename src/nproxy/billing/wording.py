"""The words of the mails about money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from nproxy.billing import offers
from nproxy.billing.models import Order, Payment, PaymentAttempt, Receipt, Refund, RefundAddress
from nproxy.billing.rules.networks import in_words
from nproxy.kit.addresses import full
from nproxy.kit.money import coin_text, dollars
from nproxy.notifications.rules import Button, Letter


def address_ready(order: Order, attempt: PaymentAttempt) -> Letter:
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
    return _about(order, _("How to pay for %(plan)s") % words, lines, notes)


def payment_seen(order: Order) -> Letter:
    """Money is on the network; there is nothing left to do for the person."""
    lines = [
        _("We see your payment on the network."),
        _("It needs some confirmations now. Access starts by itself, and we write again when it does."),
    ]
    return _about(order, _("We see your payment"), lines)


def activated(order: Order, receipt: Receipt, starts_at: datetime, *, is_late: bool, now: datetime) -> Letter:
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
    return _about(order, _("%(plan)s is yours") % words, lines, notes)


def underpaid(order: Order, payment: Payment) -> Letter:
    """Less came than was asked for; a person looks at it."""
    words = {"came": coin_text(payment.actually_paid), "coin": offers.ticker(payment.pay_coin)}
    if payment.pay_amount is not None:
        words["asked"] = coin_text(payment.pay_amount)
    lines = [
        _("Your payment has arrived, but it is short: %(came)s of %(asked)s %(coin)s.") % words,
        _("Nothing is lost. We look at it and write to you; please do not send anything to that address."),
    ]
    return _about(order, _("Your payment is short"), lines)


def expired(order: Order) -> Letter:
    """The order lapsed without money."""
    lines = [
        _("No payment came for your order of %(plan)s, so it has expired.") % _words(order),
        _("If you have sent something all the same, do nothing: it is used when it arrives."),
    ]
    return _about(order, _("Your order has expired"), lines)


def refunded(order: Order, refund: Refund) -> Letter:
    """Money goes back."""
    words = {"amount": coin_text(refund.amount), "coin": offers.ticker(refund.coin)}
    lines = [_("We have sent %(amount)s %(coin)s back to you.") % words]
    if refund.transaction:
        lines.append(_("The transaction is %(id)s.") % {"id": refund.transaction})
    return _about(order, _("Your refund is on its way"), lines)


def refund_address(given: RefundAddress, token: str) -> Letter:
    """Someone who is signed in gave an address: is it really theirs?"""
    words = {"coin": offers.ticker(given.coin), "network": in_words(given.network)}
    lines = (
        _("This address was given for money that may go back to you, in %(coin)s on %(network)s:") % words,
        given.address,
        _("If that is right, confirm it. If it was not you, do not, and change your password."),
    )
    button = Button(_("Yes, this address is mine"), full(f"/billing/refund-address/{token}/"))
    return Letter(_("Is this your address?"), lines, button)


def _about(order: Order, subject: str, lines: Sequence[str], notes: Sequence[str] = ()) -> Letter:
    page = Button(_("Open the order"), full(f"/billing/orders/{order.pk}/"))
    return Letter(subject, tuple(lines), page, tuple(notes))


def _words(order: Order) -> dict[str, str]:
    return {"plan": order.plan_name, "price": dollars(order.price_cents)}


def _moment(moment: datetime) -> str:
    return date_format(moment.astimezone(UTC), "j E Y, H:i") + " UTC"
