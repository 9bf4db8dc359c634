"""A callback's signature is checked over its own bytes or the same content as JavaScript would write it.

`golden_callbacks.json` was written and signed by Node 20 with the vendor's two samples, the SDK's (arrays stay arrays)
and the documentation's (arrays become objects by index).
"""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.billing.rules.exact_json import NotExactJson, NumberText, read
from nproxy.billing.rules.signature import MAX_BYTES, canonical, is_signed

GOLDEN = json.loads((Path(__file__).parent / "golden_callbacks.json").read_text())
SECRET = GOLDEN["secret"]
CASES = {name: (case["body"].encode(), case["signature"]) for name, case in GOLDEN["cases"].items()}


def signature(text: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text, "sha512").hexdigest()


@pytest.mark.parametrize("name", CASES)
def test_what_javascript_signed_is_accepted(name: str) -> None:
    body, signed = CASES[name]
    assert is_signed(body, signed, [SECRET])


@pytest.mark.parametrize("name", CASES)
def test_no_other_secret_and_no_changed_body_is_accepted(name: str) -> None:
    body, signed = CASES[name]
    assert not is_signed(body, signed, ["another secret"])
    assert not is_signed(body.replace(b"1", b"2", 1), signed, [SECRET])
    assert not is_signed(body, signed[:-1] + ("0" if signed[-1] != "0" else "1"), [SECRET])


def test_the_forms_differ_where_it_matters() -> None:
    """Else the goldens would only prove the raw bytes."""
    raw = {name for name, (body, signed) in CASES.items() if signature(body) == signed}
    assert raw == {"captured", "small_fees"}


def test_both_secrets_are_good_while_they_change() -> None:
    body, signed = CASES["small_fees_unsorted"]
    assert is_signed(body, signed, ["the new one", SECRET])
    assert is_signed(body, signed, [SECRET, "the new one"])
    assert is_signed(body, signed, [f"  {SECRET}\n"])


def test_no_secret_accepts_nothing() -> None:
    body = b'{"payment_id":1}'
    assert not is_signed(body, signature(body, ""), [])
    assert not is_signed(body, signature(body, ""), ["", "  "])


def test_whole_numbers_keep_the_spelling_that_was_signed() -> None:
    body = b'{"price_amount":10.0,"actually_paid":1E-7,"fee":{"b":0.10,"a":-0}}'
    assert is_signed(body, signature(body), [SECRET])
    sorted_body = b'{"actually_paid":1E-7,"fee":{"a":-0,"b":0.10},"price_amount":10.0}'
    assert is_signed(body, signature(sorted_body), [SECRET])


def test_a_header_in_capitals_is_the_same_header() -> None:
    body, signed = CASES["captured"]
    assert is_signed(body, signed.upper(), [SECRET])


@pytest.mark.parametrize(
    "header", ["", "0" * 127, "0" * 129, "g" * 128, " " * 128, "٠" * 128, "sha512=" + "0" * 121]
)
def test_a_header_that_is_no_signature_is_refused(header: str) -> None:
    assert not is_signed(b"{}", header, [SECRET])


@pytest.mark.parametrize(
    "body",
    [
        b'{"payment_status":"waiting","payment_status":"finished"}',
        b'{"fee":{"a":1,"a":2}}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'["payment"]',
        b'"payment"',
        b"1",
        b"null",
        b"",
        b"{",
        b'{"a":1}x',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b'{"a":1,}',
        b"{'a':1}",
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":"' + b"x" * MAX_BYTES + b'"}',
    ],
)
def test_a_body_that_could_be_read_in_two_ways_is_refused_however_well_signed(body: bytes) -> None:
    assert not is_signed(body, signature(body), [SECRET])


def test_the_largest_body_is_still_read() -> None:
    frame = b'{"a":""}'
    body = frame[:-2] + b"x" * (MAX_BYTES - len(frame)) + frame[-2:]
    assert len(body) == MAX_BYTES
    assert is_signed(body, signature(body), [SECRET])


def test_numbers_are_kept_as_they_were_spelled() -> None:
    text = '{"a":[1e-7,0.000083,10.0,1E+2,-0,123456789012345678901234567890],"b":"1e-7"}'
    content = read(text)
    assert content == {
        "a": ["1e-7", "0.000083", "10.0", "1E+2", "-0", "123456789012345678901234567890"],
        "b": "1e-7",
    }
    assert isinstance(content, dict)
    assert isinstance(content["a"][0], NumberText)
    assert not isinstance(content["b"], NumberText)
    assert canonical(content) == text.encode()


scalars = st.none() | st.booleans() | st.integers() | st.text()
contents = st.dictionaries(
    st.text(),
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    ),
    max_size=6,
)


@given(contents, st.randoms(use_true_random=False))
def test_the_order_of_keys_never_matters(content: dict[str, object], random: Random) -> None:
    shuffled = dict(sorted(content.items(), key=lambda _: random.random()))
    ours, theirs = (read(json.dumps(each, ensure_ascii=False)) for each in (content, shuffled))
    assert canonical(ours) == canonical(theirs)
    assert is_signed(json.dumps(shuffled).encode(), signature(canonical(ours)), [SECRET])
    by_index = signature(canonical(ours, arrays_by_index=True))
    assert is_signed(json.dumps(shuffled).encode(), by_index, [SECRET])


@given(contents)
def test_the_canonical_form_says_the_same(content: dict[str, object]) -> None:
    assert json.loads(canonical(read(json.dumps(content)))) == content


@given(st.binary(max_size=300), st.binary(max_size=64))
def test_noise_is_refused_and_never_raises(body: bytes, key: bytes) -> None:
    forged = hmac.new(key, body, "sha512").hexdigest()
    assert not is_signed(body, forged, [SECRET])


def test_half_a_character_is_an_error_with_a_name() -> None:
    with pytest.raises(NotExactJson):
        read(b'{"a":"\xc3"}')
