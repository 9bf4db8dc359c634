"""NOWPayments' bodies, read and written. Nothing here trusts a type: they differ between create, read and callback.

Reading raises NotUnderstood. What no decision hangs on is merely left out when it is not understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from nproxy.billing.processors.nowpayments_values import (
    NotUnderstood,
    amount,
    cents_up,
    code,
    flag,
    identifier,
    known_amount,
    moment,
    optional_amount,
    optional_identifier,
    text,
    whole_cents,
)
from nproxy.billing.rules.exact_json import JsonValue, NotExactJson, read
from nproxy.billing.rules.networks import in_words
from nproxy.billing.rules.wire import Coin, CreatedPayment, Hint, Minimum, Observation, Status

PRICE_CURRENCY = "usd"
# One and ASCII: some of the vendor's own signers stumble over anything else.
DESCRIPTION = "nproxy"

_numbers_not_text = msgspec.json.Encoder(decimal_format="number")


def new_payment(*, attempt_ref: str, price_cents: int, coin: str, callback_url: str) -> bytes:
    """The body that asks for a payment: at a floating rate, whose address lives for days, fees on us."""
    return _numbers_not_text.encode(
        {
            "price_amount": Decimal(price_cents).scaleb(-2),
            "price_currency": PRICE_CURRENCY,
            "pay_currency": coin,
            "order_id": attempt_ref,
            "order_description": DESCRIPTION,
            "ipn_callback_url": callback_url,
            "is_fixed_rate": False,
            "is_fee_paid_by_user": False,
        }
    )


def created(body: bytes, *, attempt_ref: str, price_cents: int, coin: str) -> CreatedPayment:
    """The payment that was asked for, and no other: an address for something else must never be shown."""
    fields = _object(body)
    found = _observation(fields, "")
    if found.ref not in ("", attempt_ref):  # not every answer to a create echoes it
        raise NotUnderstood("another order than asked for")
    if (found.price_cents, found.price_currency) != (price_cents, PRICE_CURRENCY):
        raise NotUnderstood("another price than asked for")
    if found.pay_coin != coin or not found.pay_amount:
        raise NotUnderstood("another coin than asked for, or no amount")
    address = code(fields.get("pay_address"))
    if not address:
        raise NotUnderstood("pay_address")
    return CreatedPayment(
        payment_id=found.payment_id,
        ref=attempt_ref,
        address=address,
        memo=code(fields.get("payin_extra_id")),
        pay_amount=found.pay_amount,
        pay_coin=coin,
        network=found.network,
        quote_ends_at=moment(fields.get("expiration_estimate_date")),
        expires_at=moment(fields.get("valid_until")),
        raw=_decoded(body),
    )


def observation(body: bytes) -> Observation:
    """A payment as it was read."""
    return _observation(_object(body), _decoded(body))


def _observation(fields: Mapping[str, JsonValue], raw: str) -> Observation:
    word = text(fields.get("payment_status")).lower()
    if not word:
        raise NotUnderstood("payment_status")
    return Observation(
        payment_id=identifier(fields.get("payment_id"), "payment_id"),
        ref=text(fields.get("order_id")),
        status=_status(word),
        status_word=word,
        price_cents=whole_cents(fields.get("price_amount"), "price_amount"),
        price_currency=code(fields.get("price_currency")).lower(),
        pay_coin=code(fields.get("pay_currency")).lower(),
        pay_amount=optional_amount(fields.get("pay_amount"), "pay_amount") or Decimal(0),
        actually_paid=optional_amount(fields.get("actually_paid"), "actually_paid") or Decimal(0),
        network=code(fields.get("network")).lower(),
        outcome_amount=known_amount(fields.get("outcome_amount")),
        outcome_coin=code(fields.get("outcome_currency")).lower(),
        received_cents=_valued(fields.get("actually_paid_at_fiat")),
        parent_payment_id=optional_identifier(fields.get("parent_payment_id"), "parent_payment_id"),
        child_payment_ids=tuple(_children(fields.get("payment_extra_ids"))),
        payin_hash=code(fields.get("payin_hash")),
        updated_at=moment(fields.get("updated_at")),
        raw=raw,
    )


def _status(word: str) -> Status:
    try:
        return Status(word)
    except ValueError:
        return Status.UNKNOWN


def _valued(value: JsonValue) -> int | None:
    """Zero means "not valued": so it is spelled for every ordinary payment. Rounded down, it is money we got."""
    worth = known_amount(value) or Decimal(0)
    return int(worth * 100) or None


def _children(value: JsonValue) -> Iterable[str]:
    """Ids of the payments that followed; null, an array, or an object by index."""
    found = list(value.values()) if isinstance(value, Mapping) else value
    if not found or isinstance(found, str) or not isinstance(found, Sequence):
        return []
    return [identifier(child, "payment_extra_ids") for child in found]


def hint(body: bytes) -> Hint | None:
    """What a callback is about; None when it names no payment."""
    try:
        fields = _object(body)
        return Hint(
            payment_id=identifier(fields.get("payment_id"), "payment_id"),
            ref=text(fields.get("order_id")),
            parent_payment_id=optional_identifier(fields.get("parent_payment_id"), "parent_payment_id"),
            status=_status(text(fields.get("payment_status")).lower()),
        )
    except NotUnderstood:
        return None


def coins(merchant: bytes, everything: bytes, wanted: Sequence[str]) -> list[Coin]:
    """Of the `wanted` coins, in their order, those that are switched on for us and can be paid in now."""
    switched_on = {code(each).lower() for each in _listed(merchant, "selectedCurrencies", "currencies")}
    found = {
        coin.code: coin
        for entry in _listed(everything, "currencies")
        if isinstance(entry, Mapping) and _is_offered(entry) and (coin := _coin(entry)).code in switched_on
    }
    return [found[each.lower()] for each in wanted if each.lower() in found]


def _is_offered(entry: Mapping[str, JsonValue]) -> bool:
    return flag(entry.get("enable"), default=True) and flag(entry.get("available_for_payment"), default=True)


def _coin(entry: Mapping[str, JsonValue]) -> Coin:
    name = code(entry.get("code")).lower()
    network = code(entry.get("network")).lower()
    return Coin(
        code=name,
        name=text(entry.get("name")) or name.upper(),
        ticker=(code(entry.get("ticker")) or name).upper(),
        network=network,
        network_name=in_words(network),
        memo_required=flag(entry.get("extra_id_exists"), default=False)
        and not flag(entry.get("extra_id_optional"), default=False),
    )


def _listed(body: bytes, *names: str) -> Sequence[JsonValue]:
    """The list that the answer is, or has under one of `names`."""
    content = _read(body)
    for name in names:
        if isinstance(content, Mapping) and name in content:
            content = content[name]
    if isinstance(content, str) or not isinstance(content, Sequence):
        raise NotUnderstood(names[0])
    return content


def minimum(body: bytes, coin: str) -> Minimum:
    """The least that can be paid in `coin`."""
    fields = _object(body)
    if code(fields.get("currency_from")).lower() != coin:
        raise NotUnderstood("another coin than asked for")
    return Minimum(
        coin=coin,
        amount=amount(fields.get("min_amount"), "min_amount"),
        cents=cents_up(fields.get("fiat_equivalent"), "fiat_equivalent"),
    )


def refusal(body: bytes) -> tuple[str, str]:
    """The code and the words of an error; "" for what is not there."""
    try:
        fields = _object(body)
    except NotUnderstood:
        return "", ""
    return code(fields.get("code")), text(fields.get("message"))


def _object(body: bytes) -> Mapping[str, JsonValue]:
    content = _read(body)
    if not isinstance(content, Mapping):
        raise NotUnderstood("no JSON object")
    return content


def _read(body: bytes) -> JsonValue:
    try:
        return read(body)
    except NotExactJson as error:
        raise NotUnderstood(f"no JSON: {error}") from None


def _decoded(body: bytes) -> str:
    return body.decode(errors="replace").replace("\x00", "")
