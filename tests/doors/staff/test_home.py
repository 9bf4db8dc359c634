"""The operators' first page: the figures are those of the tables, and nothing on it grows with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.doors.staff.seats import Seat

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.generations import actions as generations
from nproxy.generations.models import Generation
from nproxy.kit import presence, tally
from nproxy.kit.ids import new_id
from nproxy.providers import actions as providers
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.staff.home import figures

HOME = "/admin/"
QUERIES_AT_MOST = 30


@pytest.fixture
def key(db: None) -> ProviderKey:
    pk = providers.add_key(
        provider="gemini", label="north", secret="AQ.x-0123456789abcdef", actor=SYSTEM, now=timezone.now()
    )
    return ProviderKey.objects.get(pk=pk)


def attempt(key: ProviderKey, verdict: str, seconds: float, ago: timedelta = timedelta(minutes=5)) -> None:
    began = timezone.now() - ago
    Attempt.objects.create(
        work=new_id(),
        key=key,
        provider=key.provider,
        started_at=began,
        finished_at=began + timedelta(seconds=seconds),
        verdict=verdict,
        cost_microusd=40_000,
    )


def count() -> None:
    """The clock's part."""
    now = timezone.now()
    generations.count_ended(now=now)
    providers.count_attempts(now=now)
    for hours in (1, 24, 168):
        providers.refresh_standings(hours=hours, now=now)


def test_it_shows_how_keys_and_providers_did_over_three_spans(viewer: Seat, key: ProviderKey) -> None:
    for seconds in (4.0, 6.0, 8.0):
        attempt(key, "success", seconds)
    attempt(key, "rate_limited", 1)
    attempt(key, "retryable", 1, timedelta(hours=3))
    count()
    rows = {(row.scope, row.name): row.spans for row in figures.figures(timezone.now()).rows}
    hour, day, _week = rows["key", "north"]
    assert hour is not None
    assert day is not None
    assert (hour.attempts, hour.successes, hour.p50) == (4, 3, 6.0)
    assert (day.attempts, day.successes) == (5, 3)
    assert ("provider", "gemini") in rows
    assert ("proxy", "direct") in rows
    page = viewer.opens(HOME)
    assert page.count("measured <time") == 3  # each span says how old it is
    assert "75.0 %" in page
    assert "north" in page


def test_a_cooling_key_counts_down_and_a_key_without_funds_waits_for_somebody(
    viewer: Seat, key: ProviderKey
) -> None:
    now = timezone.now()
    ProviderKey.objects.filter(pk=key.pk).update(
        cooldown_until=now + timedelta(minutes=4), cooldown_since=now
    )
    [pool] = figures.figures(now).pools
    assert (pool.active, pool.cooling, pool.next_at) == (0, 1, now + timedelta(minutes=4))
    assert "data-until=" in viewer.opens(HOME)
    ProviderKey.objects.filter(pk=key.pk).update(state="out_of_funds", state_reason="Credits are used up")
    assert figures.figures(now).waiting_for_me == 1
    assert "Credits are used up" in viewer.opens(HOME)


def test_processes_say_that_they_are_alive_until_they_fall_silent(viewer: Seat) -> None:
    now = timezone.now()
    presence.beat(new_id(), kind="worker", started_at=now, long_polls=0, now=now)
    presence.beat(new_id(), kind="web", started_at=now, long_polls=3, now=now - timedelta(minutes=2))
    alive = {each.kind: each.is_alive for each in presence.processes(now)}
    assert alive == {"web": False, "worker": True}
    page = viewer.opens(HOME)
    assert "0.1.0" in page
    assert "silent, last heard" in page


def test_each_happening_is_counted_once_however_often_the_clock_comes(key: ProviderKey) -> None:
    attempt(key, "success", 3)
    for _ in range(3):
        count()
    attempt(key, "success", 5)
    Attempt.objects.filter(finished_at__lt=timezone.now()).update(
        finished_at=timezone.now() - timedelta(seconds=1)
    )
    later = timezone.now() + timedelta(minutes=1)
    tally.advance("providers", now=later, first=lambda: None, count=lambda _since, _until: [])
    [total] = tally.totals("attempts")
    assert (total.labels, total.count, sum(total.buckets)) == (("gemini", "success"), 1, 1)
    assert total.amount == pytest.approx(3)
    [spend] = tally.totals("spend")
    assert spend.amount == 40_000


def test_generations_are_counted_by_how_they_ended(
    person: User, wanted_by: Callable[[User], UUID], draw: Callable[[UUID], UUID]
) -> None:
    draw(wanted_by(person))
    canceled = wanted_by(person)
    generations.cancel(user_id=person.pk, generation_id=canceled, now=timezone.now())
    Generation.objects.update(finished_at=timezone.now() - timedelta(seconds=30))
    generations.count_ended(now=timezone.now())
    assert {total.labels: total.count for total in tally.totals("generations")} == {
        ("canceled", "text_to_image"): 1,
        ("succeeded", "text_to_image"): 1,
    }
    found = figures.figures(timezone.now())
    assert (found.pictures, found.success) == (1, 100.0)


def test_the_page_asks_the_same_few_questions_of_an_empty_house_and_of_a_busy_one(
    viewer: Seat, key: ProviderKey
) -> None:
    viewer.opens(HOME)
    with CaptureQueriesContext(connection) as few:
        viewer.opens(HOME)
    for number in range(30):
        attempt(key, "success", number)
    count()
    with CaptureQueriesContext(connection) as many:
        viewer.opens(HOME)
    assert len(many) == len(few) <= QUERIES_AT_MOST


def test_an_empty_house_shows_a_page_without_trouble(viewer: Seat) -> None:
    page = viewer.opens(HOME)
    assert "No calls in the last week." in page
    assert page.count("<canvas") <= 6


def test_what_waits_leads_to_where_it_is_decided(viewer: Seat) -> None:
    page = viewer.opens(HOME)
    for there in (
        "billing/review/?standing=waiting",
        "providers/providerkey/?state__in=out_of_funds,manual_review",
        "notifications/alert/?told=late",
        "billing/order/?status__exact=open",
    ):
        assert f'href="/admin/{there}"' in page
        viewer.opens(f"/admin/{there}")
