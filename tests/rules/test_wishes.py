"""What may be wished for, and what happens to silent runs."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.conversations.rules import Wish, clean_title, digest, mark_of, title_of
from nproxy.generations.rules import Recovery, after_silence, problems
from nproxy.providers.rules import CAPABILITIES

NANO = CAPABILITIES["nano_banana"]
WISH = Wish("a banana in a space suit", "text_to_image", "1K", "1:1", "", 4)
EDIT = replace(WISH, mode="image_to_image", strength="subtle")


@pytest.mark.parametrize(
    ("wish", "sources", "field", "code"),
    [
        (replace(WISH, prompt=" \n"), 0, "prompt", "empty"),
        (replace(WISH, prompt="x" * (NANO.max_prompt_chars + 1)), 0, "prompt", "too_long"),
        (replace(WISH, prompt="a\0b"), 0, "prompt", "unknown"),
        (replace(WISH, resolution="8K"), 0, "resolution", "unknown"),
        (replace(WISH, resolution="1k"), 0, "resolution", "unknown"),
        (replace(WISH, aspect_ratio="7:5"), 0, "aspect_ratio", "unknown"),
        (replace(WISH, batch_size=3), 0, "batch_size", "unknown"),
        (replace(WISH, mode="video"), 0, "mode", "unknown"),
        (WISH, 1, "sources", "no_source_allowed"),
        (replace(WISH, strength="subtle"), 0, "strength", "no_source_allowed"),
        (EDIT, 0, "sources", "needs_source"),
        (EDIT, NANO.max_sources + 1, "sources", "too_many"),
        (replace(EDIT, strength="0.5"), 1, "strength", "unknown"),
    ],
)
def test_a_wish_the_model_cannot_fulfil_is_named_by_its_field(
    wish: Wish, sources: int, field: str, code: str
) -> None:
    assert problems(wish, sources, NANO) == {field: [code]}


@pytest.mark.parametrize(("wish", "sources"), [(WISH, 0), (EDIT, 1), (EDIT, NANO.max_sources)])
def test_a_wish_the_model_can_fulfil_has_no_problems(wish: Wish, sources: int) -> None:
    assert problems(wish, sources, NANO) == {}


def test_a_repetition_has_the_same_digest_and_any_other_body_another() -> None:
    conversation, source = uuid4(), uuid4()
    same = digest(conversation, EDIT, [source])
    assert digest(conversation, replace(EDIT), [source]) == same
    others = [
        digest(uuid4(), EDIT, [source]),
        digest(conversation, replace(EDIT, prompt="another"), [source]),
        digest(conversation, EDIT, [source, uuid4()]),
    ]
    assert same not in others


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("  a   banana\n in space ", "a banana in space"),
        ("word " * 30, "word " * 10 + "word…"),
        ("x" * 80, "x" * 59 + "…"),
    ],
)
def test_a_title_is_the_prompt_s_first_words(prompt: str, title: str) -> None:
    assert title_of(prompt) == title
    assert len(title) <= 60


def test_a_silent_run_gets_one_more_worker_and_then_fails() -> None:
    assert after_silence(0) is Recovery.REQUEUE
    assert after_silence(1) is Recovery.FAIL


LISTS = st.dictionaries(st.uuids(), st.text(max_size=30).map(clean_title), max_size=6)


@given(LISTS, LISTS, st.randoms())
def test_the_mark_of_a_list_of_conversations_tells_lists_apart_and_not_their_order(
    one: dict[UUID, str], other: dict[UUID, str], chance: Random
) -> None:
    shuffled = list(one.items())
    chance.shuffle(shuffled)
    assert mark_of(shuffled) == mark_of(one.items())
    assert (mark_of(one.items()) == mark_of(other.items())) is (one == other)
