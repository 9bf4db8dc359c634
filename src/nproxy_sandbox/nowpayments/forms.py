"""The forms that a signed callback can have: the one that was always captured, those that might come, and forgeries."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from nproxy_sandbox.nowpayments.javascript import Json, stringify

SIGNATURE_HEADER = "x-nowpayments-sig"
CAPTURED = "captured"
OVERSIZED = 70_000

Content = Mapping[str, Json]


@dataclass(frozen=True)
class Form:
    """`write` makes (the body, the text that is signed). `is_genuine`: a receiver has to accept it."""

    name: str
    says: str
    write: Callable[[Content], tuple[str, str]]
    is_genuine: bool = True
    is_signed: bool = True


def captured(content: Content) -> tuple[str, str]:
    """Sorted and compact: body and signed text are the same."""
    text = stringify(content, sort=True)
    return text, text


def unsorted(content: Content) -> tuple[str, str]:
    """Keys in another order than signed, at every depth."""
    return stringify(_reversed(content)), stringify(content, sort=True)


def spaced(content: Content) -> tuple[str, str]:
    """Blanks and line breaks that were not signed."""
    pretty = stringify(_reversed(content)).replace(":", " : ", 1).replace(",", ",\n  ", 1)
    return pretty, stringify(content, sort=True)


def tiny_fees(content: Content) -> tuple[str, str]:
    """Numbers that Python's floats spell in another way than JavaScript's."""
    fee: Content = {
        "currency": "btc",
        "depositFee": Decimal("1e-7"),
        "serviceFee": Decimal("0.000083"),
        "withdrawalFee": Decimal("2.5e-8"),
    }
    return unsorted(
        {**content, "fee": fee, "outcome_amount": Decimal("0.00020789"), "outcome_currency": "btc"}
    )


def whole_floats(content: Content) -> tuple[str, str]:
    """Whole numbers spelled `10.0`, and signed so."""
    price = stringify(content["price_amount"])
    text = stringify(content, sort=True).replace(f'"price_amount":{price}', f'"price_amount":{price}.0')
    return text, text


def non_ascii(content: Content) -> tuple[str, str]:
    """Words that are not ASCII."""
    return unsorted({**content, "order_description": "Подписка «студия» ☕ 🍌"})


def escaped(content: Content) -> tuple[str, str]:
    """The body escapes what the signed text has as it is: letters, and slashes."""
    body, signed = non_ascii(content)
    ascii_only = "".join(letter if letter.isascii() else json.dumps(letter)[1:-1] for letter in body)
    return ascii_only.replace("/", "\\/"), signed


def array(content: Content) -> tuple[str, str]:
    """Children in an array, signed as it is: so the vendor's SDK does."""
    return unsorted({**content, "payment_extra_ids": [5_513_339_153, 5_513_339_154]})


def array_by_index(content: Content) -> tuple[str, str]:
    """The same, signed as an object by index: so the vendor's documentation does."""
    children = [5_513_339_153 + number for number in range(3)]
    by_index = {str(index): child for index, child in enumerate(children)}
    body = stringify(_reversed({**content, "payment_extra_ids": children}))
    return body, stringify({**content, "payment_extra_ids": by_index}, sort=True)


def repeated_key(content: Content) -> tuple[str, str]:
    """A key twice: two readers would see two statuses."""
    text = stringify(content, sort=True)
    doubled = f'{text[:-1]},"payment_status":"finished"}}'
    return doubled, doubled


def cut(content: Content) -> tuple[str, str]:
    """The first half of a body."""
    text = stringify(content, sort=True)
    return text[: len(text) // 2], text


def altered(content: Content) -> tuple[str, str]:
    """Another amount than was signed."""
    return stringify({**content, "actually_paid": 1_000_000}, sort=True), stringify(content, sort=True)


def oversized(content: Content) -> tuple[str, str]:
    """Well signed, and larger than anyone has to read."""
    return captured({**content, "order_description": "x" * OVERSIZED})


FORMS = {
    form.name: form
    for form in (
        Form(CAPTURED, "sorted and compact, as every body that was ever captured", captured),
        Form("unsorted", "keys in another order than they are signed in", unsorted),
        Form("spaced", "with blanks that are not signed", spaced),
        Form("tiny_fees", "fees such as 1e-7, unsorted", tiny_fees),
        Form("whole_floats", "whole numbers spelled 10.0", whole_floats),
        Form("non_ascii", "Cyrillic and emoji in the description, unsorted", non_ascii),
        Form("escaped", "the same, escaped in the body only", escaped),
        Form("array", "children in an array, signed as the SDK does", array),
        Form("array_by_index", "children in an array, signed as the documentation does", array_by_index),
        Form("forged", "signed with a secret that is not ours", captured, is_genuine=False),
        Form("unsigned", "no signature at all", captured, is_genuine=False, is_signed=False),
        Form("altered", "an amount was changed after signing", altered, is_genuine=False),
        Form("repeated_key", "one key twice, well signed", repeated_key, is_genuine=False),
        Form("cut", "half a body", cut, is_genuine=False),
        Form("oversized", "70 kB, well signed", oversized, is_genuine=False),
    )
}


def sealed(form: Form, content: Content, secret: str) -> tuple[bytes, str]:
    """The body and its signature; "" for one without."""
    body, signed = form.write(content)
    if not form.is_signed:
        return body.encode(), ""
    key = "a secret of someone else" if form.name == "forged" else secret
    return body.encode(), hmac.new(key.encode(), signed.encode(), "sha512").hexdigest()


def _reversed(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _reversed(value[key]) for key in sorted(value, reverse=True)}
    return value
