"""What is deleted is gone at once, can be had back for a moment, and then really is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings
from tests.rooms.generations.conftest import NOW, Person

from nproxy.assets import run as files
from nproxy.assets.actions import StoredImage
from nproxy.assets.models import Asset
from nproxy.assets.rules import REMOVED_AFTER, RESTORABLE
from nproxy.conversations import actions as conversations
from nproxy.conversations import queries as turns
from nproxy.conversations.models import Conversation, Turn
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.generations import lease as leases
from nproxy.generations import queries
from nproxy.generations.models import Generation
from nproxy.generations.rules import Sought
from nproxy.kit import live
from nproxy.quota import queries as quota

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=10)
SOON = LATER + timedelta(seconds=8)


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path}/files"
    return tmp_path / "files"


@pytest.fixture
def drawn(person: Person, picture: Callable[[int], StoredImage]) -> Callable[..., list[UUID]]:
    """Sends a turn whose first `count` images get drawn; the ids of all its generations."""

    def draw(count: int = 1, *, batch: int = 1) -> list[UUID]:
        ids = [generation_id for generation_id, _ in person.send(batch=batch).generations]
        for generation_id in ids[:count]:
            lease = leases.begin(generation_id, NOW)
            assert lease is not None
            leases.finish(lease, picture(person.id), 1.0, NOW)
        return ids

    return draw


def row(generation_id: UUID) -> Generation:
    return Generation.objects.select_related("turn", "asset").get(pk=generation_id)


def shown(person: Person) -> int:
    """How many turns and pictures the person sees, in the chat and in the gallery."""
    transcript = turns.transcript(person.id, person.conversation)
    boxes = queries.of_turns(person.id, [turn.id for turn in transcript])
    assert len(queries.gallery(person.id, Sought())) == sum(
        view.image is not None for views in boxes.values() for view in views
    )
    return len(transcript)


def test_with_the_last_image_of_a_turn_the_turn_is_gone_and_comes_back_with_it(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    [generation_id] = drawn()
    generations.delete(user_id=person.id, generation_id=generation_id, now=LATER)
    assert shown(person) == 0
    assert generations.restore(user_id=person.id, deleted_at=LATER, now=SOON) == 1
    assert shown(person) == 1
    assert row(generation_id).asset.deleted_at is None


def test_one_image_of_a_batch_leaves_the_others_alone(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    first, _second = drawn(2, batch=2)
    generations.delete(user_id=person.id, generation_id=first, now=LATER)
    assert shown(person) == 1
    assert len(queries.gallery(person.id, Sought())) == 1


def test_a_deleted_turn_cancels_what_is_open_and_a_restore_does_not_draw_it_again(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    ids = drawn(1, batch=4)
    generations.delete_turn(user_id=person.id, turn_id=row(ids[0]).turn_id, now=LATER)
    assert (shown(person), person.counters().held, person.counters().used) == (0, 0, 1)
    assert generations.restore(user_id=person.id, deleted_at=LATER, now=SOON) == 4
    assert [row(each).status for each in ids] == ["succeeded", "canceled", "canceled", "canceled"]
    assert quota.verify() == []


def test_what_was_deleted_before_stays_deleted_when_the_rest_comes_back(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    first, second = drawn(2, batch=2)
    generations.delete(user_id=person.id, generation_id=first, now=LATER)
    generations.delete_turn(user_id=person.id, turn_id=row(first).turn_id, now=SOON)
    generations.restore(user_id=person.id, deleted_at=SOON, now=SOON)
    assert (row(first).deleted_at, row(second).deleted_at) == (LATER, None)


def test_a_deleted_conversation_takes_everything_along_and_brings_it_back(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    drawn(2, batch=2)
    drawn()
    before = live.current(person.id)
    generations.delete_conversation(user_id=person.id, conversation_id=person.conversation, now=LATER)
    assert (turns.of_user(person.id), shown(person)) == ([], 0)
    assert [view.deleted for view in queries.news(person.id, before).generations] == [True] * 3
    with pytest.raises(generations.UnknownConversation):
        person.send()
    assert generations.restore(user_id=person.id, deleted_at=LATER, now=SOON) == 3
    assert shown(person) == 2
    assert len(turns.of_user(person.id)) == 1


def test_pictures_chosen_in_the_gallery_are_deleted_and_restored_together(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    ids = [drawn()[0] for _ in range(3)]
    chosen = [row(each).asset_id for each in ids[:2]]
    assert generations.delete_pictures(user_id=person.id, asset_ids=[*chosen, uuid4()], now=LATER) == 2
    assert shown(person) == 1
    generations.restore(user_id=person.id, deleted_at=LATER, now=SOON)
    assert shown(person) == 3


def test_too_late_is_too_late_and_changes_nothing(person: Person, drawn: Callable[..., list[UUID]]) -> None:
    [generation_id] = drawn()
    generations.delete(user_id=person.id, generation_id=generation_id, now=LATER)
    for deleted_at, now in (
        (LATER, LATER + RESTORABLE),
        (LATER - timedelta(seconds=1), SOON),
        (SOON + timedelta(days=1), SOON),
    ):
        with pytest.raises(generations.NotRestorable):
            generations.restore(user_id=person.id, deleted_at=deleted_at, now=now)
    assert row(generation_id).deleted_at == LATER


def test_nobody_restores_or_deletes_what_belongs_to_someone_else(
    person: Person, make_person: Callable[..., Person], drawn: Callable[..., list[UUID]]
) -> None:
    [generation_id] = drawn()
    stranger = make_person().id
    turn_id, asset_id = row(generation_id).turn_id, row(generation_id).asset_id
    assert generations.delete_pictures(user_id=stranger, asset_ids=[asset_id], now=LATER) == 0
    with pytest.raises(generations.UnknownTurn):
        generations.delete_turn(user_id=stranger, turn_id=turn_id, now=LATER)
    with pytest.raises(generations.UnknownConversation):
        generations.delete_conversation(user_id=stranger, conversation_id=person.conversation, now=LATER)
    generations.delete_turn(user_id=person.id, turn_id=turn_id, now=LATER)
    with pytest.raises(generations.NotRestorable):
        generations.restore(user_id=stranger, deleted_at=LATER, now=SOON)


def test_bytes_and_words_are_really_gone_after_a_while(
    person: Person, drawn: Callable[..., list[UUID]], store: Path
) -> None:
    [generation_id] = drawn()
    generations.delete_conversation(user_id=person.id, conversation_id=person.conversation, now=LATER)
    gone = LATER + REMOVED_AFTER + timedelta(seconds=1)
    generations.discard_deleted(now=LATER)
    assert Turn.objects.get().prompt == "a banana"
    generations.discard_deleted(now=gone)
    files.remove_files(row(generation_id).asset_id, gone)
    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert (Turn.objects.get().prompt, Conversation.objects.get().title) == ("", "")


def test_a_source_of_a_deleted_turn_is_an_orphan_and_one_of_a_kept_turn_is_not(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    from nproxy.assets import actions as assets

    source = assets.record_drawn(picture(person.id), now=NOW)
    started = generations.start(
        user_id=person.id,
        conversation_id=person.conversation,
        client_id=uuid4(),
        wish=Wish("at night", "image_to_image", "1K", "auto", "subtle", 1),
        source_ids=[source],
        now=NOW,
    )
    assert turns.used_as_sources([source], now=LATER) == {source}
    generations.delete_turn(user_id=person.id, turn_id=started.turn_id, now=LATER)
    assert turns.used_as_sources([source], now=LATER) == set()


def test_the_gallery_goes_on_behind_any_picture_and_knows_its_neighbours(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    newest_first = [row(drawn()[0]).asset_id for _ in range(5)][::-1]
    # All at one moment: the order is still one.
    assert [item.picture.id for item in queries.gallery(person.id, Sought())] == newest_first
    assert [
        item.picture.id for item in queries.gallery(person.id, Sought(), before=newest_first[1], limit=2)
    ] == (newest_first[2:4])
    for place, asset_id in enumerate(newest_first):
        newer = newest_first[place - 1] if place else None
        older = newest_first[place + 1] if place < 4 else None
        assert queries.gallery_neighbours(person.id, Sought(), asset_id) == (newer, older)
        [item] = queries.drawn(person.id, asset_ids=[asset_id])
        assert queries.conversation_neighbours(person.id, item) == (older, newer)


def test_the_gallery_is_sifted_by_words_mode_shape_and_favour(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    one, other = (row(drawn()[0]) for _ in range(2))
    Turn.objects.filter(pk=one.turn_id).update(prompt="a red boat")
    Asset.objects.filter(pk=other.asset_id).update(width=24, height=32, favoured_at=NOW)
    for sought, wanted in (
        (Sought(words="boa"), {one.asset_id}),
        (Sought(words="banan"), {other.asset_id}),
        (Sought(words="boat banana"), set()),
        (Sought(shape="landscape"), {one.asset_id}),
        (Sought(shape="portrait"), {other.asset_id}),
        (Sought(shape="square"), set()),
        (Sought(mode="text_to_image"), {one.asset_id, other.asset_id}),
        (Sought(mode="image_to_image"), set()),
        (Sought(favourite=True, words="banana"), {other.asset_id}),
    ):
        assert {item.picture.id for item in queries.gallery(person.id, sought)} == wanted, sought


def test_a_rename_survives_the_next_message(person: Person) -> None:
    conversations.rename(user_id=person.id, conversation_id=person.conversation, title="Holidays")
    person.send()
    assert turns.of_user(person.id)[0].title == "Holidays"


def test_what_is_too_old_goes_as_if_its_owner_had_done_it_with_conversations_that_are_empty_then(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    [old] = drawn()
    emptied, day = person.conversation, NOW + timedelta(days=1)
    person.conversation = conversations.open_conversation(user_id=person.id, now=day)
    [[young, _]] = person.send(now=day).generations
    assert generations.delete_old(ended_before=NOW, now=day) == 0
    assert generations.delete_old(ended_before=day, now=day) == 1
    assert (row(old).deleted_at, row(old).asset.deleted_at, row(young).deleted_at) == (day, day, None)
    assert [line.id for line in turns.of_user(person.id)] == [person.conversation]
    assert Conversation.objects.get(pk=emptied).deleted_at == day


def test_what_is_still_open_stays_with_its_turn_and_its_conversation(
    person: Person, drawn: Callable[..., list[UUID]]
) -> None:
    drawn(1, batch=2)
    later = NOW + timedelta(days=1)
    assert generations.delete_old(ended_before=later, now=later) == 1
    assert shown(person) == 1
    assert Conversation.objects.get(pk=person.conversation).deleted_at is None
