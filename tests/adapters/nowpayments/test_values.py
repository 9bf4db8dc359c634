"""Types change from call to call: what can be understood is, to the last digit, and what cannot is never guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.billing.processors import nowpayments_values as values
from nproxy.billing.processors import nowpayments_wire as wire
from nproxy.billing.processors.nowpayments_values import NotUnderstood
from nproxy.billing.rules.exact_json import NumberText
from nproxy.billing.rules.wire import Observation, Status

ESSENTIAL = {
    "payment_id": 5745459419,
    "payment_status": "finished",
    "price_amount": 19,
    "price_currency": "usd",
    "pay_amount": 19.02,
    "actually_paid": 19.02,
    "pay_currency": "usdttrc20",
    "order_id": "an-attempt",
}


def observed(**changes: object) -> Observation:
    return wire.observation(json.dumps(ESSENTIAL | changes).encode())


@pytest.mark.parametrize("given_id", [5745459419, "5745459419"])
def test_an_id_is_the_same_as_number_and_as_text(given_id: object) -> None:
    assert observed(payment_id=given_id).payment_id == "5745459419"


@pytest.mark.parametrize(
    "odd", [5.7e9, "5745459419.0", "5e9", "", None, 0, -1, "007", " 1", [1], {}, True, "1" * 33]
)
def test_an_id_in_any_other_spelling_is_refused(odd: object) -> None:
    with pytest.raises(NotUnderstood):
        observed(payment_id=odd)


@pytest.mark.parametrize("none", [None, 0, "0", ""])
def test_no_parent_has_several_spellings(none: object) -> None:
    assert observed(parent_payment_id=none).parent_payment_id == ""


@pytest.mark.parametrize("children", [[11, "12"], {"0": 11, "1": "12"}])
def test_children_come_as_an_array_or_by_index(children: object) -> None:
    assert observed(payment_extra_ids=children).child_payment_ids == ("11", "12")


@pytest.mark.parametrize("none", [None, [], {}, "null", 0, False])
def test_no_children_have_several_spellings(none: object) -> None:
    assert observed(payment_extra_ids=none).child_payment_ids == ()


@given(st.decimals(min_value=0, max_value=10**19, places=18))
def test_an_amount_keeps_its_eighteen_places(exact: Decimal) -> None:
    for spelled in (f"{exact:f}", f"{exact:E}"):
        assert values.amount(NumberText(spelled), "") == exact
        assert values.amount(spelled, "") == exact


def test_what_is_finer_than_the_database_is_rounded_to_it() -> None:
    assert values.amount("1.2345678901234567890123e-7", "") == Decimal("0.000000123456789012")


@pytest.mark.parametrize(
    "odd", ["-1", "1e99", "1e20", "NaN", "Infinity", "1,5", "0x1", "", " 1", "1_0", None, True, [], {}]
)
def test_what_is_no_amount_is_refused(odd: values.JsonValue) -> None:
    with pytest.raises(NotUnderstood):
        values.amount(odd, "")


@pytest.mark.parametrize(
    ("price", "cents"),
    [(19, 1900), (19.05, 1905), ("19.05", 1905), (0.1, 10), (19.005, None), (None, None)],
)
def test_a_price_is_in_whole_cents_or_not_known(price: object, cents: int | None) -> None:
    assert observed(price_amount=price).price_cents == cents


@pytest.mark.parametrize(
    ("worth", "cents"), [(0, None), (None, None), (12.985, 1298), ("12.99", 1299), ("x", None), (-1, None)]
)
def test_only_a_value_above_zero_is_a_value(worth: object, cents: int | None) -> None:
    assert observed(actually_paid_at_fiat=worth).received_cents == cents


@pytest.mark.parametrize(
    "spelled", ["2025-12-09T03:04:21.097Z", "2025-12-09T04:04:21.097+01:00", 1765249461097, "1765249461097"]
)
def test_moments_come_in_two_forms(spelled: object) -> None:
    assert observed(updated_at=spelled).updated_at == datetime(2025, 12, 9, 3, 4, 21, 97_000, UTC)


@pytest.mark.parametrize(
    "odd", [None, "", "soon", "2025-12-09T03:04:21", 1e300, "9" * 5000, "²", True, [], {}]
)
def test_a_moment_that_is_none_is_left_out(odd: object) -> None:
    assert observed(updated_at=odd).updated_at is None


def test_nothing_unprintable_gets_through() -> None:
    seen = observed(order_id="a\x00b\nc\ud800", pay_currency="us dt", network="t\x00rx", payin_hash="x" * 300)
    assert (seen.ref, seen.pay_coin, seen.network, seen.payin_hash) == ("a b c", "", "", "")
    assert "\x00" not in seen.raw


def test_missing_amounts_are_nothing_and_missing_words_are_empty() -> None:
    seen = wire.observation(b'{"payment_id":1,"payment_status":"WAITING"}')
    assert (seen.status, seen.status_word) == (Status.WAITING, "waiting")
    assert (seen.actually_paid, seen.pay_amount, seen.price_cents, seen.ref) == (0, 0, None, "")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([*ESSENTIAL, "updated_at", "payment_extra_ids", "parent_payment_id"]), json_values
    )
)
def test_whatever_comes_is_understood_or_refused_by_name(changes: dict[str, object]) -> None:
    try:
        seen = observed(**changes)
    except NotUnderstood:
        return
    assert seen.payment_id.isdigit()
    assert seen.actually_paid >= 0


@given(st.binary(max_size=200))
def test_noise_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        wire.observation(body)
    assert wire.hint(body) is None
    assert wire.refusal(body) == ("", "")


@pytest.mark.parametrize(
    "merchant",
    [
        '{"selectedCurrencies":["USDTTRC20","BTC"]}',
        '{"currencies":["usdttrc20","btc"]}',
        '["BTC","usdttrc20",7,null,{}]',
    ],
)
def test_the_list_of_our_coins_has_had_several_shapes(merchant: str) -> None:
    everything = json.dumps(
        [
            {"code": "BTC", "name": "Bitcoin", "network": "btc", "enable": "true"},
            {"code": "USDTTRC20", "network": "TRX"},
            7,
        ]
    )
    btc, usdt = wire.coins(merchant.encode(), everything.encode(), ["btc", "USDTTRC20", "eth"])
    assert (btc.name, btc.ticker) == ("Bitcoin", "BTC")
    assert (usdt.name, usdt.network, usdt.network_name) == ("USDTTRC20", "trx", "Tron (TRC-20)")


def test_half_a_list_is_no_list() -> None:
    with pytest.raises(NotUnderstood):
        wire.coins(b'{"message":"soon"}', b"[]", ["btc"])
    with pytest.raises(NotUnderstood):
        wire.coins(b"[]", b'{"currencies":null}', ["btc"])


def test_a_network_nobody_knows_is_shown_by_its_code() -> None:
    body = b'[{"code":"new","network":"newnet"}]'
    (coin,) = wire.coins(b'["new"]', body, ["new"])
    assert coin.network_name == "NEWNET"


@pytest.mark.parametrize(
    ("cents", "spelled"), [(1900, "19.00"), (1905, "19.05"), (5, "0.05"), (1_000_000, "10000.00")]
)
def test_a_price_is_written_from_cents_without_a_float(cents: int, spelled: str) -> None:
    body = wire.new_payment(attempt_ref="a", price_cents=cents, coin="btc", callback_url="https://x/")
    assert f'"price_amount":{spelled}'.encode() in body
