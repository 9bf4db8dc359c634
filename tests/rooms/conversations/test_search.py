"""Finding a conversation by its words, renaming it, and forgetting what was deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from nproxy.accounts.models import User
from nproxy.conversations import actions, queries
from nproxy.conversations.models import Turn
from nproxy.conversations.rules import Wish

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def person() -> int:
    return User.objects.create_user("ada@example.com").pk


def told(person: int, *prompts: str, now: datetime = NOW) -> UUID:
    """A conversation with a turn for each prompt."""
    conversation_id = actions.open_conversation(user_id=person, now=now)
    for prompt in prompts:
        actions.append_turn(
            user_id=person,
            conversation_id=conversation_id,
            client_id=uuid4(),
            wish=Wish(prompt, "text_to_image", "1K", "1:1", "", 1),
            source_ids=[],
            now=now,
        )
    return conversation_id


def found(person: int, text: str) -> list[UUID]:
    return [line.id for line in queries.search(person, text)]


def test_a_conversation_is_found_by_the_beginnings_of_words_in_any_of_its_prompts(person: int) -> None:
    boat = told(person, "a red boat on a lake", "now at midnight")
    told(person, "a green door")
    for text in ("boat", "BOA", "midn", "red mid lake"[:3], "lake red"):
        assert found(person, text) == [boat], text
    for text in ("oat", "boat midnight", "boat door", "", "  ", "!?", "'"):
        assert found(person, text) == [], text


def test_prompts_in_russian_are_found_whatever_their_case(person: int) -> None:
    cat = told(person, "Рыжий Кот на подоконнике")
    assert found(person, "кот рыж") == [cat]
    assert found(person, "КОТ") == [cat]


@pytest.mark.parametrize("text", ["a & b", "it's", "(", "x:*", "\\", "a | !b", "<->", "'':*", "\0", "é́"])
def test_whatever_is_typed_is_words_and_never_an_operator(person: int, text: str) -> None:
    told(person, f"before {text.replace(chr(0), '')} after")
    found(person, text)


def test_nobody_finds_the_words_of_someone_else(person: int) -> None:
    told(User.objects.create_user("eve@example.com").pk, "a secret garden")
    assert found(person, "garden") == []


def test_a_new_title_is_found_and_kept_to_one_line(person: int) -> None:
    boat = told(person, "a red boat")
    assert actions.rename(user_id=person, conversation_id=boat, title="  Holidays\n2026 ") == "Holidays 2026"
    assert found(person, "holi") == [boat]
    assert queries.of_user(person)[0].title == "Holidays 2026"
    with pytest.raises(actions.EmptyTitle):
        actions.rename(user_id=person, conversation_id=boat, title=" \n ")
    with pytest.raises(actions.UnknownConversation):
        actions.rename(user_id=person + 1, conversation_id=boat, title="mine")


def test_a_deleted_conversation_is_nowhere_until_it_is_restored(person: int) -> None:
    boat = told(person, "a red boat")
    actions.remove_conversation(user_id=person, conversation_id=boat, now=NOW)
    assert (queries.of_user(person), found(person, "boat"), queries.line(person, boat)) == ([], [], None)
    assert queries.transcript(person, boat) == []
    with pytest.raises(actions.UnknownConversation):
        told_into(person, boat)
    assert actions.restore(user_id=person, deleted_at=NOW) == 2
    assert found(person, "boat") == [boat]


def told_into(person: int, conversation_id: UUID) -> None:
    actions.append_turn(
        user_id=person,
        conversation_id=conversation_id,
        client_id=uuid4(),
        wish=Wish("again", "text_to_image", "1K", "1:1", "", 1),
        source_ids=[],
        now=NOW,
    )


def test_the_words_of_what_was_deleted_are_erased_after_a_while_and_no_others(person: int) -> None:
    boat, _door = told(person, "a red boat"), told(person, "a green door")
    actions.remove_conversation(user_id=person, conversation_id=boat, now=NOW)
    assert actions.erase_deleted(before=NOW) == 0
    assert actions.erase_deleted(before=NOW + timedelta(seconds=1)) == 1
    assert sorted(Turn.objects.values_list("prompt", flat=True)) == ["", "a green door"]
