"""What callers may ask for, checked as the real processor checks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from nproxy_sandbox.nowpayments.book import Book
from nproxy_sandbox.nowpayments.coins import COINS, Coin, least
from nproxy_sandbox.nowpayments.faults import REFUSALS, Refusal
from nproxy_sandbox.nowpayments.javascript import number
from nproxy_sandbox.nowpayments.payment import Wanted
from nproxy_sandbox.nowpayments.shapes import DOLLAR


class Refused(Exception):
    """The processor says no."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def parameters(message: str) -> Refused:
    """A request that is malformed."""
    return Refused(Refusal(400, "INVALID_REQUEST_PARAMS", message))


def new_payment(body: bytes, book: Book) -> Wanted:
    """The payment that the body of a POST /payment asks for. Raises Refused."""
    fields = _fields(body)
    price = fields.get("price_amount")
    if isinstance(price, bool) or not isinstance(price, Decimal) or price <= 0:
        raise parameters('"price_amount" must be a positive number')
    if fields.get("price_currency") != DOLLAR:
        raise parameters('"price_currency" must be usd here')
    coin = payable(_text(fields, "pay_currency"))
    if coin.worth(price) < (lowest := least(coin, book.payout)):
        message = f"Crypto amount {number(coin.worth(price))} is less than minimal {number(lowest)}"
        raise Refused(Refusal(400, "AMOUNT_MINIMAL_ERROR", message))
    return Wanted(
        price=price,
        coin=coin,
        order_id=_text(fields, "order_id") or None,
        description=_text(fields, "order_description") or None,
        callback_url=_text(fields, "ipn_callback_url") or None,
        is_fixed_rate=fields.get("is_fixed_rate") is True,
    )


def payable(code: str) -> Coin:
    """The coin that can be paid in now. Raises Refused."""
    coin = COINS.get(code.lower())
    if coin is None or not (coin.enabled and coin.available and coin.switched_on):
        message = f"Currency {code.upper() or '(none)'} is currently unavailable"
        raise Refused(Refusal(400, "CURRENCY_UNAVAILABLE", message))
    return coin


def payment_number(text: str) -> int:
    """The number in an address. Raises Refused."""
    if not (text.isascii() and text.isdigit()):
        raise Refused(REFUSALS["missing"])
    return int(text)


def _fields(body: bytes) -> Mapping[str, object]:
    try:
        fields = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise parameters("Unexpected token in JSON") from None
    if not isinstance(fields, dict):
        raise parameters("The body must be an object")
    return fields


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise parameters(f'"{name}" must be a string')
    return value or ""
