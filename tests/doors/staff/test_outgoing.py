"""What went out and to whom: shown to everyone with a role, changed by nobody, and no way to guess what is hidden."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory
from django.utils import timezone
from tests.doors.staff.seats import Seat, address

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.notifications.models import Alert, Incident, Mail
from nproxy.staff.navigation import sidebar
from nproxy.telegram import actions as telegram
from nproxy.telegram.actions.pairing import admit
from nproxy.telegram.models import Admin, Message

LINK = "https://nproxy.example.com/accounts/password/reset/key/1-very-secret/"


@pytest.fixture
def mail(db: None) -> Mail:
    return Mail.objects.create(
        key="reset:1", kind="password_reset", recipient="ann@example.com", subject="A new password", text=LINK,
        created_at=timezone.now(),
    )  # fmt: skip


def test_telegrams_admins_and_messages_are_shown_without_a_button(viewer: Seat) -> None:
    now = timezone.now()
    admit(telegram.Visitor(4242, "Anna of the night shift"), "operator", SYSTEM, now)
    telegram.write(chat_id=4242, text="all is well, says nobody", purpose="alert", now=now)
    for target, words in (
        (Admin.objects.get(), "Anna of the night shift"),
        (Message.objects.filter(purpose="alert").get(), "4242"),
    ):
        for page in (viewer.opens(address(type(target))), viewer.opens(address(type(target), target.pk))):
            assert words in page
            assert "/act/" not in page


def test_a_mail_is_shown_without_what_it_says(viewer: Seat, mail: Mail) -> None:
    for page in (viewer.opens(address(Mail)), viewer.opens(address(Mail, mail.pk))):
        assert "ann@example.com" in page
        assert "very-secret" not in page


@pytest.mark.parametrize(
    ("model", "guess"),
    [
        (Mail, "text__contains=very-secret"),
        (Mail, "unsubscribe__startswith=h"),
        (User, "password__startswith=argon2"),
        (Message, "keyboard__0__0__1__startswith=do"),
    ],
)
def test_no_list_is_filtered_by_what_its_page_hides(
    owner: Seat, mail: Mail, model: type[Model], guess: str
) -> None:
    assert owner.client.get(f"{address(model)}?{guess}").status_code == 400


@pytest.mark.parametrize(
    ("model", "chosen"),
    [
        (Mail, "state__exact=failed"),
        (User, "role__exact=owner"),
        (Alert, ""),
        (Incident, "severity__exact=info"),
    ],
)
def test_lists_are_filtered_by_what_they_offer(owner: Seat, model: type[Model], chosen: str) -> None:
    owner.opens(f"{address(model)}?{chosen}")


def test_the_side_bar_leads_to_every_list(owner: Seat, rf: RequestFactory) -> None:
    links = {str(item["link"]) for group in sidebar(rf.get("/admin/")) for item in group["items"]}
    assert {address(model) for model in admin.site._registry} <= links
