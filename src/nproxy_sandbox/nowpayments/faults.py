"""What can go wrong with a call: refusals, answers that are odd, and the wreckage of the wire.

A refusal comes in place of what was asked for. Odd answers and wreckage come after it was done: a create whose answer
is lost has made a payment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from nproxy_sandbox.nowpayments.shapes import Fields
from nproxy_sandbox.wreckage import WRECKS


@dataclass(frozen=True)
class Refusal:
    """An error as the processor words it."""

    status: int
    code: str
    message: str
    retry_after: int | None = None


REFUSALS = {
    "too_many": Refusal(429, "TOO_MANY_REQUESTS", "Too many requests, please try again later"),
    "too_many_wait": Refusal(429, "TOO_MANY_REQUESTS", "Too many requests", retry_after=30),
    "bad_key": Refusal(403, "INVALID_API_KEY", "Invalid api key"),
    "bad_key_401": Refusal(401, "INVALID_API_KEY", "Invalid api key"),
    "bad_parameters": Refusal(400, "INVALID_REQUEST_PARAMS", '"price_amount" must be a number'),
    "below_minimum": Refusal(400, "AMOUNT_MINIMAL_ERROR", "Crypto amount 0.00001 is less than minimal"),
    "unavailable": Refusal(400, "CURRENCY_UNAVAILABLE", "Currency BTC is currently unavailable"),
    "missing": Refusal(404, "NOT_FOUND", "Payment not found"),
    "internal": Refusal(500, "INTERNAL_ERROR", "Internal server error"),
    "maintenance": Refusal(503, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable"),
    "new_kind": Refusal(418, "SOMETHING_NEW", "A code that nobody has heard of"),
}


@dataclass(frozen=True)
class Oddity:
    """An answer to a create or a read that is not as it should be."""

    says: str
    change: Callable[[Fields], Fields]


_ESSENTIAL = (
    "payment_id", "payment_status", "pay_address", "price_amount", "price_currency", "pay_amount", "pay_currency",
    "actually_paid",
)  # fmt: skip

ODDITIES = {
    "all_text": Oddity("every number as text", lambda fields: {k: _as_text(v) for k, v in fields.items()}),
    "sparse": Oddity(
        "only what cannot be left out", lambda fields: {k: fields[k] for k in _ESSENTIAL if k in fields}
    ),
    "another_payment": Oddity(
        "the id of another payment", lambda fields: fields | {"payment_id": 4_242_424_242}
    ),
    "another_price": Oddity("another price", lambda fields: fields | {"price_amount": 1}),
    "another_coin": Oddity("another coin", lambda fields: fields | {"pay_currency": "doge"}),
    "another_order": Oddity("another order id", lambda fields: fields | {"order_id": "someone-elses"}),
    "no_address": Oddity("no address", lambda fields: fields | {"pay_address": None}),
    "no_status": Oddity("no status", lambda fields: fields | {"payment_status": None}),
    "new_status": Oddity(
        "a status that nobody has heard of", lambda fields: fields | {"payment_status": "pondering"}
    ),
    "spelled_id": Oddity("an id with an exponent", lambda fields: fields | {"payment_id": "5.745459419e9"}),
    "negative": Oddity("a negative amount", lambda fields: fields | {"actually_paid": -1, "pay_amount": -1}),
    "endless": Oddity("an amount of 1e300", lambda fields: fields | {"actually_paid": Decimal("1e300")}),
    "words": Oddity("words where a number belongs", lambda fields: fields | {"pay_amount": "some"}),
}
SAYS = (
    {name: f"{refusal.status} {refusal.code}" for name, refusal in REFUSALS.items()}
    | {name: oddity.says for name, oddity in ODDITIES.items()}
    | {name: f"{wreck.says} (what was asked for is done)" for name, wreck in WRECKS.items()}
)


def _as_text(value: object) -> str | None:
    return None if value is None else str(value)
