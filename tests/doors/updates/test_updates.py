"""The long poll at its door: what it answers, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import AsyncClient, Client
from django.utils.dateparse import parse_datetime
from pytest_django import Settings

from nproxy.accounts.models import User
from nproxy.kit import live
from nproxy.kit.threads import in_database

JSON = {"accept": "application/json"}


def begun(browser: Client) -> tuple[str, UUID]:
    """A conversation with one generation in line: (cursor, generation)."""
    conversation = browser.post("/chat/", headers=JSON).json()["conversation"]
    body = {"client_id": str(uuid4()), "prompt": "a banana"}
    told = browser.post(f"/chat/{conversation}/turns/", body, headers=JSON).json()
    cursor = browser.get(f"/chat/{conversation}/", headers=JSON).json()["cursor"]
    return cursor, UUID(told["generations"][0]["id"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("store")
def test_news_have_the_shape_of_the_contract(browser: Client, draw: Callable[[UUID], UUID]) -> None:
    cursor, generation = begun(browser)
    asset = draw(generation)
    told = browser.get(f"/updates/?after={cursor}").json()
    assert set(told) == {
        "cursor",
        "now",
        "quota",
        "orders",
        "notices",
        "generations",
        "pending",
        "conversations",
    }
    assert told["cursor"] > int(cursor)
    assert (told["quota"], told["pending"]) == (100, 0)
    assert (told["orders"], told["notices"]) == ([], [])
    (card,) = told["generations"]
    assert (card["id"], card["status"], card["error"]) == (str(generation), "succeeded", None)
    assert card["image"]["thumbnail_url"] == f"/images/{asset}/640"
    assert all(parse_datetime(card[moment]) for moment in ("queued_at", "started_at"))


@pytest.mark.django_db(transaction=True)
def test_a_changed_list_of_conversations_is_told_and_another_turn_in_one_is_not(browser: Client) -> None:
    begun(browser)

    def mark() -> str:
        return str(browser.get("/updates/?after=0").json()["conversations"])

    [line] = browser.get("/chat/", headers=JSON).json()["conversations"]
    one, path = mark(), f"/chat/{line['id']}/"
    assert f'data-mark="{one}"' in browser.get(path).text
    browser.post(f"{path}turns/", {"client_id": str(uuid4()), "prompt": "a pear"}, headers=JSON)
    assert mark() == one
    cursor = browser.get(path, headers=JSON).json()["cursor"]
    browser.post(f"{path}rename/", {"title": "Fruit"}, headers=JSON)
    told = browser.get(f"/updates/?after={cursor}").json()
    assert told["conversations"] == mark() != one
    browser.post(f"{path}delete/", headers=JSON)
    assert len({one, told["conversations"], mark()}) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("store")
def test_nothing_new_is_204(browser: Client) -> None:
    cursor, _ = begun(browser)
    answer = browser.get(f"/updates/?after={cursor}&wait=0")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
def test_signed_out_and_malformed_polls_are_told_so_in_json(client: Client, browser: Client) -> None:
    signed_out = client.get("/updates/?after=0")
    assert (signed_out.status_code, signed_out.headers["Content-Type"]) == (401, "application/json")
    assert browser.get("/updates/?after=soon").status_code == 400
    assert browser.post("/updates/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_blocked_person_and_an_ended_session_are_signed_out(browser: Client, person: User) -> None:
    assert browser.get("/updates/?wait=0").status_code in (200, 204)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert browser.get("/updates/?wait=0").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_a_changed_password_ends_the_sessions_polls(browser: Client, person: User) -> None:
    person.set_password("another horse battery")
    person.save()
    assert browser.get("/updates/?wait=0").status_code == 401


@pytest.mark.django_db(transaction=True)
async def test_a_waiting_poll_wakes_when_something_changes(
    person: User, browser: Client, settings: Settings
) -> None:
    settings.MIDDLEWARE = settings.ASYNC_LANE_MIDDLEWARE
    poll = AsyncClient()
    poll.cookies = browser.cookies
    cursor = await in_database(live.current, person.pk)
    waiting = asyncio.create_task(poll.get(f"/updates/?after={cursor}&wait=25"))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await in_database(live.bump, person.pk)
    answer = await asyncio.wait_for(waiting, timeout=60)
    assert answer.status_code == 200
    assert answer.json()["cursor"] == cursor + 1
    await live.stop()
