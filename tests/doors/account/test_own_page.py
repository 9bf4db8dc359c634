"""The account's own page: language, switches, where one is signed in; and deleting it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from nproxy.accounts.models import SignIn, User
from nproxy.assets.models import Asset
from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import SYSTEM
from nproxy.billing.models import Order
from nproxy.conversations import actions as conversations
from nproxy.conversations.models import Conversation, Turn
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.generations.models import Generation
from nproxy.notifications import actions as notifications
from nproxy.notifications.models import Mail
from nproxy.quota.models import Entry, Quota
from nproxy.subscriptions import actions as subscriptions

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
)


def signed_in(person: User, user_agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": user_agent})
    client.force_login(person)
    assert client.get("/dashboard/").status_code == 200
    return client


def drawn(person: User, draw: Callable[[UUID], UUID], images: int = 1) -> UUID:
    """A conversation with one turn whose first picture is drawn; the others wait."""
    now = timezone.now()
    conversation = conversations.open_conversation(user_id=person.pk, now=now)
    started = generations.start(
        user_id=person.pk,
        conversation_id=conversation,
        client_id=uuid4(),
        wish=Wish("a banana", "text_to_image", "1K", "1:1", "", images),
        source_ids=[],
        now=now,
    )
    draw(started.generations[0][0])
    return conversation


def test_the_language_is_chosen_on_the_account_page(person: User, browser: Client) -> None:
    saved = browser.post("/accounts/language/", {"language": "ru"}, follow=True)
    assert "Сохранено." in saved.text
    assert "Аккаунт" in saved.text
    person.refresh_from_db()
    assert person.language == "ru"


def test_a_language_that_is_not_offered_changes_nothing(person: User, browser: Client) -> None:
    browser.post("/accounts/language/", {"language": "xx"})
    person.refresh_from_db()
    assert person.language == ""


def test_each_switch_is_on_until_it_is_switched_off(person: User, browser: Client) -> None:
    assert browser.get("/accounts/").text.count(" checked") == 5  # the language, and four switches
    assert 'data-tells="tab icon toast"' in browser.get("/dashboard/").text
    for way, told in {"tab": "tab", "icon": " icon", "toast": " toast"}.items():
        browser.post("/accounts/", {way: "on"})
        assert f'data-tells="{told}"' in browser.get("/dashboard/").text
    person.refresh_from_db()
    assert (person.tells_in_tab, person.tells_by_icon, person.tells_by_toast) == (False, False, True)


def test_every_browser_that_is_signed_in_is_listed_with_its_name(person: User) -> None:
    laptop = signed_in(person)
    signed_in(person, IPHONE)
    page = laptop.get("/accounts/").text
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert page.count("This browser") == 1


def test_another_browser_is_signed_out_from_here(person: User) -> None:
    laptop, phone = signed_in(person), signed_in(person, IPHONE)
    theirs = SignIn.objects.get(user_agent=IPHONE)
    laptop.post(f"/accounts/sessions/{theirs.pk}/end/")
    assert phone.get("/dashboard/").status_code == 302
    assert laptop.get("/dashboard/").status_code == 200
    assert laptop.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404


def test_all_other_browsers_are_signed_out_at_once(person: User) -> None:
    laptop, phone, tablet = signed_in(person), signed_in(person, IPHONE), signed_in(person, "odd")
    told = laptop.post("/accounts/sessions/end-others/", follow=True)
    assert "Signed out in 2 other places." in told.text
    assert [each.get("/dashboard/").status_code for each in (laptop, phone, tablet)] == [200, 302, 302]


def test_nobody_ends_somebody_elses_sign_in(person: User, browser: Client) -> None:
    other = User.objects.create_user(f"{uuid4().hex}@example.com", "correct horse battery")
    theirs = signed_in(other)
    row = SignIn.objects.get(user=other)
    assert browser.post(f"/accounts/sessions/{row.pk}/end/").status_code == 404
    assert theirs.get("/dashboard/").status_code == 200


def test_a_visit_is_written_down_once_in_five_minutes(person: User) -> None:
    laptop = signed_in(person)
    first = SignIn.objects.get().seen_at
    laptop.get("/dashboard/")
    assert SignIn.objects.get().seen_at == first
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        laptop.get("/dashboard/")
    assert SignIn.objects.get().seen_at > first


def test_changing_the_password_keeps_this_browser_and_lists_no_other(person: User) -> None:
    laptop, phone = signed_in(person), signed_in(person, IPHONE)
    laptop.post(
        "/accounts/password/change/",
        {"oldpassword": "correct horse battery", "password": "eleven green teapots"},
    )
    page = laptop.get("/accounts/").text
    assert "This browser" in page
    assert "iPhone" not in page
    assert phone.get("/dashboard/").status_code == 302


@pytest.mark.usefixtures("store")
def test_deleting_the_account_takes_what_was_made_and_leaves_the_books(
    person: User, draw: Callable[[UUID], UUID]
) -> None:
    laptop, phone = signed_in(person), signed_in(person, IPHONE)
    drawn(person, draw, images=2)
    notifications.send_mail(
        key="hello", kind="hello", recipient=person.email, subject="Hello", text="Hello", now=timezone.now()
    )
    entries = Entry.objects.count()
    told = laptop.post("/accounts/delete/", {"email": person.email.upper()}, follow=True)
    assert "Your account is deleted" in told.text
    assert phone.get("/dashboard/").status_code == 302
    for made in (Conversation, Turn, Generation, SignIn, Mail):
        assert made.objects.count() == 0  # type: ignore[attr-defined]
    assert Session.objects.count() <= 1  # a stranger's, who was told
    assert not Asset.objects.live().exists()
    assert Asset.objects.exclude(placeholder="").count() == 0
    tombstone = User.objects.get(pk=person.pk)
    assert tombstone.email == f"deleted-{person.pk}@deleted.invalid"
    assert (tombstone.is_active, tombstone.has_usable_password()) == (False, False)
    # The ledger stays, and what was set aside for the second picture is given back in it.
    assert Entry.objects.count() == entries + 1
    quota = Quota.objects.get()
    assert (quota.used, quota.held, quota.suspended) == (1, 0, True)
    assert AuditEntry.objects.filter(action="user.deleted", target_id=str(person.pk)).exists()


@pytest.mark.usefixtures("store")
def test_the_files_of_a_deleted_account_are_removed_from_the_store(
    person: User, draw: Callable[[UUID], UUID], settings: Settings
) -> None:
    from nproxy.assets import run
    from nproxy.assets.rules import REMOVED_AFTER

    browser = signed_in(person)
    drawn(person, draw)
    folder = Path(settings.NPROXY_STORAGE_URL.removeprefix("file:"))
    assert [path for path in folder.rglob("*") if path.is_file()]
    browser.post("/accounts/delete/", {"email": person.email})
    for asset in Asset.objects.all():
        run.remove_files(asset.pk, timezone.now() + REMOVED_AFTER)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_the_address_is_free_again_and_the_old_password_opens_nothing(person: User) -> None:
    email = person.email
    signed_in(person).post("/accounts/delete/", {"email": email})
    answer = Client().post("/accounts/login/", {"login": email, "password": "correct horse battery"})
    assert answer.status_code == 200
    assert User.objects.create_user(email, "seven purple kettles").pk != person.pk


def test_without_the_typed_address_nothing_is_deleted(person: User, browser: Client) -> None:
    answer = browser.post("/accounts/delete/", {"email": "mia@example.com"})
    assert answer.status_code == 409
    assert "not the address of your account" in answer.text
    assert User.objects.get(pk=person.pk).is_active


def test_an_account_with_money_under_way_is_not_deleted_and_says_why(person: User, browser: Client) -> None:
    now = timezone.now()
    order = Order.objects.create(
        id=uuid4(), user=person, plan_name="Studio", price_cents=1900, request_limit=5, terms_version="1",
        created_at=now, status="review", status_at=now, open_until=now,
    )  # fmt: skip
    order.reviews.create(reason="underpaid", opened_at=now)
    assert "money of yours is under way" in browser.get("/accounts/delete/").text
    answer = browser.post("/accounts/delete/", {"email": person.email})
    assert answer.status_code == 409
    assert "Nothing was deleted" in answer.text
    assert User.objects.get(pk=person.pk).email == person.email
    assert browser.get("/dashboard/").status_code == 200


@pytest.mark.django_db
def test_an_operators_account_is_not_deleted_by_its_owner() -> None:
    owner = User.objects.create_user("owner@example.com", "correct horse battery", role="owner")
    browser = signed_in(owner)
    answer = browser.post("/accounts/delete/", {"email": owner.email})
    assert "runs the site" in answer.text
    assert User.objects.get(pk=owner.pk).is_active


def test_a_suspended_person_may_leave_too(person: User, browser: Client) -> None:
    subscriptions.suspend(user_id=person.pk, reason="test", actor=SYSTEM, now=timezone.now())
    browser.post("/accounts/delete/", {"email": person.email})
    assert not User.objects.get(pk=person.pk).is_active
