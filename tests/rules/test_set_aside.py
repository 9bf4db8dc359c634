"""What a picture in JSON is found by, without the JSON being read: nothing else in it is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from nproxy.providers.adapters.pictures import LONG, picture_in, set_aside

# Words that try to pass for what is looked for, short strings, and strings long enough to be set aside.
WORDS = st.sampled_from(['"data": "', '\\"data\\":"', '","data":"', "data", "", "\\", 'end"']) | st.text(
    max_size=5
)
STRINGS = WORDS | st.builds(lambda head, tail: head + "A" * LONG + tail, WORDS, WORDS)
NAMES = st.sampled_from(["data", "text", 'da"ta', "data "])
DOCUMENTS = st.recursive(
    STRINGS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(DOCUMENTS.map(lambda each: {"data": each, "rest": each}), st.sampled_from([None, 1]))
def test_all_but_long_strings_of_that_name_stays_as_it_was(document: Any, indent: int | None) -> None:
    body = json.dumps(document, indent=indent).encode()
    text, strings = set_aside(body, b"data")
    read = json.loads(text)
    numbers = iter(strings)

    def same(was: Any, now: Any) -> bool:
        if isinstance(was, dict):
            return list(was) == list(now) and all(same(was[name], now[name]) for name in was)
        if isinstance(was, list):
            return len(was) == len(now) and all(map(same, was, now))
        if isinstance(was, str) and isinstance(now, int):
            number = str(now).encode()
            return (
                number == next(numbers) and json.loads(bytes(strings[number])) == was and len(was) > LONG - 3
            )
        return bool(was == now)

    assert same(document, read)
    assert next(numbers, None) is None


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_whatever_comes_is_taken_apart_without_loss(head: bytes, tail: bytes) -> None:
    body = head + b'"data": "' + b"A" * LONG + tail
    text, strings = set_aside(body, b"data")
    whole = bytes(text)
    assert len(whole) + sum(map(len, strings.values())) - sum(map(len, strings)) == len(body)


@pytest.mark.parametrize("number", [b"3", b"3" * 5000])
def test_a_number_that_names_nothing_is_no_picture(number: bytes) -> None:
    assert picture_in(Raw(number), {})[0] is None
