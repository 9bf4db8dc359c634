"""What the product knows of a payment processor's answers: plain values, the same for every processor.

Coin amounts are `Decimal` from the source text, prices integer cents; moments are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """A payment's state in the processor's words; what is not listed is `unknown`."""

    WAITING = "waiting"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    SENDING = "sending"
    FINISHED = "finished"
    PARTIALLY_PAID = "partially_paid"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    WRONG_ASSET = "wrong_asset_confirmed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Coin:
    """One coin on one network. `code` names both (`usdttrc20`), `ticker` the coin alone (`USDT`).

    `network` is the wire's code (`trx`), `network_name` the same in words. Without its memo a payment of a coin
    with `memo_required` is not found.
    """

    code: str
    name: str
    ticker: str
    network: str
    network_name: str
    memo_required: bool = False


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least that can be paid in a coin, and about what that is in US cents, rounded up; None: not told."""

    coin: str
    amount: Decimal
    cents: int | None


@dataclass(frozen=True, slots=True)
class CreatedPayment:
    """A payment that waits for its money. `pay_amount` of `pay_coin` goes to `address`, with `memo` unless "".

    The quote holds until `quote_ends_at`, the address until `expires_at`; None where the processor does not say.
    """

    payment_id: str
    ref: str
    address: str
    memo: str
    pay_amount: Decimal
    pay_coin: str
    network: str
    quote_ends_at: datetime | None
    expires_at: datetime | None
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Observation:
    """One payment as the processor showed it when it was read.

    `ref` is our attempt's id as the processor echoes it, and a child's is its parent's: money sent again or in
    another coin comes as a payment of its own with `parent_payment_id`. `status_word` is the status as spelled.
    `price_cents` is None when the price is not in whole cents. `received_cents` is what arrived in US cents, None
    unless the processor valued it (it does so for recovered coins only). `raw` is the whole answer.
    """

    payment_id: str
    ref: str
    status: Status
    status_word: str
    price_cents: int | None
    price_currency: str
    pay_coin: str
    pay_amount: Decimal
    actually_paid: Decimal
    network: str = ""
    outcome_amount: Decimal | None = None
    outcome_coin: str = ""
    received_cents: int | None = None
    parent_payment_id: str = ""
    child_payment_ids: tuple[str, ...] = ()
    payin_hash: str = ""
    updated_at: datetime | None = None
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Hint:
    """What a verified callback is about. It says what to read, and decides nothing by itself."""

    payment_id: str
    ref: str
    parent_payment_id: str
    status: Status
