"""How long pictures take, told as a span: half of them, and nine of ten."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from nproxy.generations.rules import FEWEST_SAMPLES, usual
from nproxy.web.words import usually

waits = st.lists(st.floats(0, 600), min_size=FEWEST_SAMPLES, max_size=200)


@given(st.lists(st.floats(0, 600), max_size=FEWEST_SAMPLES - 1))
def test_too_few_pictures_tell_nothing(seconds: list[float]) -> None:
    assert usual(seconds) is None


@given(waits)
def test_the_span_holds_half_and_nine_of_ten_and_no_more_than_it_has_to(seconds: list[float]) -> None:
    span = usual(seconds)
    assert span is not None
    half, most = span
    assert 1 <= half <= most
    assert sum(wait <= half for wait in seconds) >= len(seconds) / 2
    assert sum(wait <= most for wait in seconds) >= len(seconds) * 0.9
    if most > 1:
        assert sum(wait <= most - 1 for wait in seconds) < len(seconds) * 0.9


@given(waits, st.randoms(use_true_random=False))
def test_their_order_says_nothing(seconds: list[float], chance: object) -> None:
    mixed = list(seconds)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert usual(mixed) == usual(seconds)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((12, 20), "usually 12–20 s"),
        ((9, 9), "usually about 9 s"),
        ((100, 120), "usually 100–120 s"),
        ((100, 121), "usually 1–3 min"),
        ((150, 400), "usually 2–7 min"),
    ],
)
def test_it_reads_as_people_say_it(span: tuple[int, int], words: str) -> None:
    assert usually(*span) == words
