"""Where a person wants their money back: given on the order's page, confirmed by mail, used by the operator."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nproxy.billing import changes, letters
from nproxy.billing.actions.ordering import NotPossible, UnknownOrder
from nproxy.billing.actions.refusal import Refused
from nproxy.billing.models import Order, RefundAddress
from nproxy.billing.refunds import case_of, token_for
from nproxy.billing.rules.refunding import can_be_address

# Each sends a mail.
MAX_ADDRESSES = 6


class BadAddress(Refused):
    pass


class TooManyAddresses(Refused):
    pass


@transaction.atomic
def give_refund_address(*, user_id: int, order_id: UUID, address: str, now: datetime) -> None:
    """Write down where money of this order shall go if it goes back, and mail a link that confirms it.

    Raises UnknownOrder, NotPossible (nothing of it can go back now), BadAddress, TooManyAddresses.
    """
    order = Order.objects.select_for_update().filter(pk=order_id, user_id=user_id).first()
    if order is None:
        raise UnknownOrder(order_id)
    case = case_of(order)
    if case is None:
        raise NotPossible(order_id)
    address = address.strip()
    if not can_be_address(case.network, address):
        raise BadAddress
    if case.address == address:
        return
    if order.refund_addresses.count() >= MAX_ADDRESSES:
        raise TooManyAddresses
    given = RefundAddress.objects.create(
        order=order, coin=case.coin, network=case.network, address=address, given_at=now
    )
    letters.refund_address(order, given, token_for(given.pk), now)
    changes.show(order)


@transaction.atomic
def confirm_refund_address(*, address_id: int, now: datetime) -> None:
    """The link of the mail was followed: the address is the person's. Saying it twice changes nothing."""
    given = RefundAddress.objects.select_related("order").get(pk=address_id)
    if RefundAddress.objects.filter(pk=address_id, confirmed_at=None).update(confirmed_at=now):
        changes.show(changes.locked(given.order_id))
