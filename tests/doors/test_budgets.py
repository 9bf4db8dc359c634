"""Pages stay small, and ask the database no more often however much there is to show."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from bench.archive import fill
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nproxy.accounts.models import SignIn, User
from nproxy.billing.models import Order
from nproxy.conversations.models import Turn
from nproxy.generations.models import Generation

HTML_BUDGET = 150 * 1024
PAGES = [
    "/chat/",
    "/chat/{conversation}/",
    "/chat/{conversation}/?turn={turn}",
    "/chat/{conversation}/?before={turn}",
    "/dashboard/",
    "/billing/",
    "/accounts/",
    "/accounts/delete/",
    "/gallery/",
    "/gallery/?q=banana",
    "/gallery/{picture}/",
    "/gallery/{picture}/?in={conversation}",
    "/chat/search/?q=banana",
    "/chat/prompts/?q=banana",
]
PROGRAMS = ["/chat/", "/chat/{conversation}/", "/dashboard/", "/gallery/", "/chat/search/?q=banana"]


def stock(person: User, times: int) -> UUID:
    """So many of everything that a page may list; the newest conversation."""
    now = timezone.now()
    for _ in range(times):
        Order.objects.create(
            id=uuid4(), user=person, plan_name="Studio", price_cents=1900, request_limit=5, terms_version="1",
            created_at=now, status="expired", status_at=now, open_until=now,
        )  # fmt: skip
        key = uuid4().hex
        SignIn.objects.create(id=uuid4(), user=person, session_key=key, began_at=now, seen_at=now)
    return fill(person.pk, conversations=times, turns=times, images=2, now=now)[0]


def address(path: str, conversation: UUID) -> str:
    """`path` with the conversation, and with a turn and a picture of it."""
    drawn = Generation.objects.filter(turn__conversation_id=conversation)
    picture, turn = drawn.values_list("asset_id", "turn_id")[0]
    return path.format(conversation=conversation, picture=picture, turn=turn)


def asked(browser: Client, path: str, **headers: str) -> int:
    """How many queries the page takes, once the session is warm."""
    browser.get(path, headers=headers)
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return len(seen)


@pytest.mark.parametrize("query", ["", "?turn={turn}"])
def test_a_chat_of_fifty_messages_of_four_pictures_is_a_small_page(
    person: User, browser: Client, query: str
) -> None:
    [conversation] = fill(person.pk, conversations=1, turns=50, images=4, now=timezone.now())
    oldest = Turn.objects.filter(conversation_id=conversation).earliest("created_at", "id").pk
    page = browser.get(f"/chat/{conversation}/{query.format(turn=oldest)}")
    assert page.text.count("data-lightbox") >= 40
    assert len(page.content) <= HTML_BUDGET


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_more_often_when_there_is_more_to_show(person: User, browser: Client, path: str) -> None:
    few = asked(browser, address(path, stock(person, 2)))
    many = asked(browser, address(path, stock(person, 9)))
    assert many <= few


@pytest.mark.parametrize("path", PROGRAMS)
def test_no_program_makes_us_ask_more_often_either(person: User, browser: Client, path: str) -> None:
    few = asked(browser, path.format(conversation=stock(person, 2)), accept="application/json")
    many = asked(browser, path.format(conversation=stock(person, 9)), accept="application/json")
    assert many <= few


def test_a_second_visit_costs_no_write(
    person: User, browser: Client, django_assert_max_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    browser.get("/dashboard/")
    with django_assert_max_num_queries(30) as seen:
        browser.get("/dashboard/")
    assert [each["sql"] for each in seen.captured_queries if not each["sql"].startswith("SELECT")] == []
