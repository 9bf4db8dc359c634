"""The dashboard: the state and a bucket, for people and for programs."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from nproxy.accounts.models import User
from nproxy.quota.models import Quota

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def test_someone_without_a_plan_is_told_so(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    told = client.get("/dashboard/", headers=JSON).json()
    assert told == {"subscription": {"state": "none", "ends_at": None}, "quota": 0}
    assert "no plan yet" in client.get("/dashboard/").content.decode()


def test_an_active_cycle_shows_its_end_and_its_bucket(browser: Client) -> None:
    told = browser.get("/dashboard/", headers=JSON).json()
    assert set(told) == {"subscription", "quota"}
    assert told["subscription"]["state"] == "active"
    assert parse_datetime(told["subscription"]["ends_at"])
    assert told["quota"] == 100


@pytest.mark.parametrize(("used", "level"), [(0, 100), (1500, 100), (1600, 80), (7918, 20), (7919, 0)])
def test_the_battery_shows_only_steps_of_twenty(browser: Client, person: User, used: int, level: int) -> None:
    Quota.objects.filter(user=person).update(used=used)
    html = browser.get("/dashboard/").content.decode()
    assert f'data-level="{level}"' in html
    assert f"About {level} percent left, until " in html
    assert str(used) not in html or used == 0
    assert browser.get("/dashboard/", headers=JSON).json()["quota"] == level


def test_the_dashboard_is_for_people_who_are_signed_in(client: Client) -> None:
    assert client.get("/dashboard/", headers=JSON).status_code == 401
    assert client.get("/dashboard/").headers["Location"] == "/accounts/login/?next=/dashboard/"
