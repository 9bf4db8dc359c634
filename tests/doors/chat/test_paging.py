"""A long conversation comes in stretches: the newest turns first, and each older one within reach of a link."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from bench.archive import fill
from django.test import Client
from django.utils import timezone

from nproxy.accounts.models import User
from nproxy.conversations.models import Conversation, Turn
from nproxy.web.chat.pages import AT_ONCE

pytestmark = pytest.mark.django_db
TURNS = 2 * AT_ONCE + 5
FRAGMENT = {"x-fragment": "turns"}


@pytest.fixture
def conversation(person: User) -> UUID:
    return fill(person.pk, conversations=1, turns=TURNS, images=1, now=timezone.now())[0]


def in_order(conversation: UUID) -> list[str]:
    rows = Turn.objects.filter(conversation_id=conversation).order_by("created_at", "id")
    return [str(turn_id) for turn_id in rows.values_list("id", flat=True)]


def turns_on(html: str) -> list[str]:
    return re.findall(r'<article class="turn" id="turn-([0-9a-f-]+)"', html)


def earlier(html: str) -> str:
    found = re.search(r'data-earlier><a class="button" href="([^"]+)"', html)
    return found.group(1) if found else ""


def test_the_links_lead_through_all_of_it_with_and_without_modules(
    browser: Client, conversation: UUID
) -> None:
    for headers in ({}, FRAGMENT):
        path, seen = f"/chat/{conversation}/", list[str]()
        for _ in range(3):
            html = browser.get(path, headers=headers).text
            seen, path = turns_on(html) + seen, earlier(html)
        assert seen == in_order(conversation)
        assert path == ""


def test_a_page_of_the_past_says_so_and_leads_to_the_newest(browser: Client, conversation: UUID) -> None:
    newest = browser.get(f"/chat/{conversation}/").text
    assert "data-past" not in newest
    past = browser.get(earlier(newest)).text
    assert "data-past" in past
    assert f'href="/chat/{conversation}/">Go to the newest messages' in past


def test_the_way_on_stays_when_the_turn_it_starts_from_is_deleted(
    browser: Client, conversation: UUID
) -> None:
    path, ids = earlier(browser.get(f"/chat/{conversation}/").text), in_order(conversation)
    Turn.objects.filter(pk=ids[-AT_ONCE]).update(deleted_at=timezone.now())
    assert turns_on(browser.get(path).text) == ids[-2 * AT_ONCE : -AT_ONCE]


@pytest.mark.parametrize("place", [0, 1, AT_ONCE, TURNS - AT_ONCE - 1, TURNS - AT_ONCE, TURNS - 1])
def test_a_turn_is_found_on_the_page_that_its_address_leads_to(
    browser: Client, conversation: UUID, place: int
) -> None:
    wanted = in_order(conversation)[place]
    answer = browser.get(f"/turns/{wanted}/")
    assert answer["Location"] == f"/chat/{conversation}/?turn={wanted}#turn-{wanted}"
    html = browser.get(answer["Location"].partition("#")[0]).text
    shown = turns_on(html)
    assert wanted in shown
    assert len(shown) <= AT_ONCE
    assert ("data-past" in html) is (shown[-1] != in_order(conversation)[-1])


def test_an_address_that_names_no_turn_of_this_conversation_shows_the_newest(
    browser: Client, conversation: UUID
) -> None:
    newest = turns_on(browser.get(f"/chat/{conversation}/").text)
    for query in (f"before={uuid4()}", f"turn={uuid4()}", "before=x", "turn=%00"):
        assert turns_on(browser.get(f"/chat/{conversation}/?{query}").text) == newest


def test_modules_get_exactly_the_turns_that_they_miss(
    person: User, browser: Client, conversation: UUID
) -> None:
    [elsewhere] = fill(person.pk, conversations=1, turns=1, images=1, now=timezone.now())
    ids, other = in_order(conversation), in_order(elsewhere)[0]
    query = f"only={ids[3]}&only={other}&only={ids[1]}&only=x"
    html = browser.get(f"/chat/{conversation}/?{query}", headers=FRAGMENT).text
    assert turns_on(html) == [ids[1], ids[3]]
    assert "<html" not in html


def test_nobody_reads_anothers_turns(browser: Client, conversation: UUID) -> None:
    stranger = User.objects.create_user("stranger@example.com")
    Conversation.objects.filter(pk=conversation).update(user=stranger)
    Turn.objects.filter(conversation_id=conversation).update(user=stranger)
    assert browser.get(f"/chat/{conversation}/", headers=FRAGMENT).status_code == 404


def test_programs_get_the_conversation_whole(browser: Client, conversation: UUID) -> None:
    told = browser.get(f"/chat/{conversation}/", headers={"accept": "application/json"}).json()
    assert [turn["id"] for turn in told["turns"]] == in_order(conversation)
