"""The link under a reminder: it asks people, obeys mail programs, and needs no login."""

from __future__ import annotations

import pytest
from django.test import Client

from nproxy.accounts.models import User
from nproxy.subscriptions import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(stranger: User) -> str:
    return f"/billing/reminders/off/{queries.silencing_token(stranger.pk)}/"


def test_opening_the_link_only_asks(client: Client, stranger: User, link: str) -> None:
    assert "Stop the reminders?" in client.get(link).content.decode()
    assert queries.wants_reminders(stranger.pk)


def test_one_click_of_a_mail_program_is_enough(stranger: User, link: str) -> None:
    program = Client(enforce_csrf_checks=True)
    answer = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "No more reminders" in answer.content.decode()
    assert not queries.wants_reminders(stranger.pk)


def test_a_link_that_was_cut_off_changes_nothing_and_says_where_else(
    client: Client, stranger: User, link: str
) -> None:
    answer = client.post(link[:-4] + "/")
    assert answer.status_code == 404
    assert "/accounts/" in answer.content.decode()
    assert queries.wants_reminders(stranger.pk)


def test_the_account_page_has_the_switch(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert 'name="reminders" checked' in client.get("/accounts/").content.decode()
    assert client.post("/accounts/", {}).headers["Location"] == "/accounts/"
    assert not queries.wants_reminders(stranger.pk)
    assert 'name="reminders" checked' not in client.get("/accounts/").content.decode()
    client.post("/accounts/", {"reminders": "on"})
    assert queries.wants_reminders(stranger.pk)


def test_the_account_page_is_for_people_who_are_signed_in(client: Client) -> None:
    assert client.get("/accounts/").headers["Location"] == "/accounts/login/?next=/accounts/"
