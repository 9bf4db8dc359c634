"""No secret survives in what is stored or logged."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.kit.redaction import HIDDEN, redact

SECRETS = st.text(string.ascii_letters + string.digits + "-_.~", min_size=8, max_size=64)


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("key AIzaSyD-abc_123456789 is bad", "AIzaSyD"),
        ("key AQ.Ab8RN6-xyz_12 is bad", "AQ."),
        ("key sk-or-v1-0123456789abcdef is bad", "sk-or"),
        ("Authorization: Bearer abc.def.ghi", "abc.def"),
        ("GET https://host/v1?key=plain-secret&x=1", "plain-secret"),
        ("proxy http://user:pass@10.0.0.1:8080 refused", "user:pass"),
        ("Consumer 'api_key:oddly-shaped' has been suspended", "oddly-shaped"),
    ],
)
def test_what_looks_like_a_credential_is_hidden(text: str, leak: str) -> None:
    assert leak not in redact(text)
    assert HIDDEN in redact(text)


@given(secret=SECRETS, before=st.text(max_size=600), after=st.text(max_size=50))
def test_the_secret_itself_is_hidden_wherever_it_stands(secret: str, before: str, after: str) -> None:
    kept = redact(before + secret + after, secret=secret)
    assert secret not in kept.replace(HIDDEN, "") or secret in HIDDEN


def test_a_secret_that_was_cut_short_by_the_provider_is_hidden_too() -> None:
    assert redact("bad key 0123456789ab…", secret="0123456789abcdefghij") == f"bad key {HIDDEN}"


@given(text=st.text(max_size=2000), limit=st.integers(10, 500))
def test_a_redacted_text_is_one_line_within_its_limit(text: str, limit: int) -> None:
    kept = redact(text, limit=limit)
    assert len(kept) <= limit
    assert not set("\n\r\t\x00") & set(kept)


def test_a_broken_character_can_be_stored_afterwards() -> None:
    assert redact("half \ud800 a pair\x00") == "half ? a pair"


def test_an_innocent_text_is_left_alone() -> None:
    text = "models/gemini-nano-banana-2.1 is not found for API version v1beta"
    assert redact(text) == text
