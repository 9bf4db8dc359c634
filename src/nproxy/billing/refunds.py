"""Money that may go back, and where its owner wants it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from nproxy.billing import offers
from nproxy.billing.models import Activation, Order, Refund, RefundAddress, Review
from nproxy.billing.rules import links
from nproxy.billing.rules.networks import in_words
from nproxy.billing.rules.reviews import Outcome, Reason, outcomes
from nproxy.kit.money import coin_text

_SALT = "nproxy.billing.refund_address"


@dataclass(frozen=True, slots=True)
class RefundCase:
    """What can go back, in which coin on which network (a code, "" if nobody knows).

    `address` is where its owner wants it, "" before they said; `is_owed` once that is decided.
    """

    coin: str
    ticker: str
    network: str
    network_name: str
    address: str
    is_confirmed: bool
    is_owed: bool


@dataclass(frozen=True, slots=True)
class SentBack:
    """Money of an order that went back. `transaction` is "" where nobody told, `link` its page at an explorer."""

    amount: str
    ticker: str
    transaction: str
    link: str


def case_of(order: Order) -> RefundCase | None:
    """The order's money that a person looks at or has decided to give back; None if there is none."""
    owed = Refund.objects.filter(order=order, state=Refund.State.OWED).order_by("pk").first()
    coin = owed.coin if owed else _coin_in_review(order)
    if not coin:
        return None
    given = newest_address(order, coin)
    network = _network(order, coin)
    return RefundCase(
        coin=coin,
        ticker=offers.ticker(coin),
        network=network,
        network_name=in_words(network),
        address=given.address if given else "",
        is_confirmed=given is not None and given.confirmed_at is not None,
        is_owed=owed is not None,
    )


def newest_address(order: Order, coin: str) -> RefundAddress | None:
    """The one that counts for money in this coin."""
    return RefundAddress.objects.filter(order=order, coin=coin).order_by("-pk").first()


def _coin_in_review(order: Order) -> str:
    """The coin of the oldest money in review that may be given back."""
    is_activated = Activation.objects.filter(order=order).exists()
    waiting = Review.objects.filter(order=order, resolved_at=None, payment__isnull=False).order_by("pk")
    for review in waiting.select_related("payment"):
        offered = outcomes(Reason(review.reason), has_order=True, is_activated=is_activated)
        if Outcome.REFUND in offered and review.payment and review.payment.actually_paid > 0:
            return review.payment.pay_coin
    return ""


def _network(order: Order, coin: str) -> str:
    """As the order's own payment in this coin travelled, else as the coin is offered."""
    own = order.attempts.filter(coin=coin).exclude(network="").values_list("network", flat=True).first()
    return own or offers.network(coin)


def refund_case(user_id: int, order_id: UUID) -> RefundCase | None:
    """As `case_of`, for this person's order."""
    order = Order.objects.filter(pk=order_id, user_id=user_id).first()
    return case_of(order) if order else None


def sent_back(user_id: int, order_id: UUID) -> list[SentBack]:
    """What has gone back of this person's order, the oldest first."""
    rows = Refund.objects.filter(
        order=order_id, order__user_id=user_id, state=Refund.State.SENT, amount__gt=0
    )
    return [
        SentBack(
            amount=coin_text(one.amount),
            ticker=offers.ticker(one.coin),
            transaction=one.transaction,
            link=links.transaction_link(_network(one.order, one.coin), one.transaction) if one.order else "",
        )
        for one in rows.select_related("order").order_by("pk")
    ]


def token_for(address_id: int) -> str:
    """What the link in the mail carries."""
    return signing.Signer(salt=_SALT).sign(str(address_id))


def address_of(token: str) -> tuple[int, RefundAddress] | None:
    """The address whose link this is, with its id; None for a forgery."""
    try:
        address_id = int(signing.Signer(salt=_SALT).unsign(token))
    except signing.BadSignature:
        return None
    given = RefundAddress.objects.filter(pk=address_id).first()
    return (address_id, given) if given else None
