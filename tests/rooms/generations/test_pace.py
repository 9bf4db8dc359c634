"""How long pictures take of late, as the pages tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import Settings
from tests.rooms.generations.conftest import NOW, Person

from nproxy.assets.actions import StoredImage
from nproxy.generations import actions as generations
from nproxy.generations import lease, pace, queries
from nproxy.generations.models import Pace

Draw = Callable[..., None]


@pytest.fixture
def draw(
    settings: Settings,
    tmp_path: object,
    make_person: Callable[..., Person],
    picture: Callable[[int], StoredImage],
    db: None,
) -> Draw:
    """Draws a picture of 1K that takes so many seconds, the next turn each time."""
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path}"
    person, turns = make_person(limit=200), iter(range(10_000))

    def drawn(seconds: float) -> None:
        asked = NOW + timedelta(seconds=next(turns))
        wished = person.send(now=asked).generations[0][0]
        held = lease.begin(wished, asked)
        assert held is not None
        lease.finish(held, picture(person.id), 1.0, asked + timedelta(seconds=seconds))

    return drawn


def test_nothing_is_told_before_there_are_thirty_pictures(draw: Draw) -> None:
    for number in range(29):
        draw(number)
    generations.measure_pace(now=NOW)
    assert queries.paces() == {}
    draw(29.5)
    generations.measure_pace(now=NOW)
    assert queries.paces() == {"1K": (14, 26)}


def test_only_the_latest_pictures_count_and_the_failed_ones_do_not(
    draw: Draw, make_person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "LOOKED_AT", 30)
    for _ in range(10):
        draw(500)
    for _ in range(30):
        draw(8)
    failed = lease.begin(make_person().wish(), NOW)
    assert failed is not None
    lease.fail(failed, "internal", NOW + timedelta(hours=1))
    generations.measure_pace(now=NOW)
    assert queries.paces() == {"1K": (8, 8)}


def test_measuring_again_keeps_one_row_for_each_resolution(draw: Draw) -> None:
    for _ in range(30):
        draw(3)
    for minute in range(3):
        generations.measure_pace(now=NOW + timedelta(minutes=minute))
    assert Pace.objects.get().measured_at == NOW + timedelta(minutes=2)
