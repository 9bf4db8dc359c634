"""In which language people are spoken to: by their browser, by their account, in mails, and in the waiting lane."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import AsyncClient, Client
from django.utils import timezone

from nproxy.accounts import actions as accounts
from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.notifications.models import Mail
from nproxy.subscriptions import actions as subscriptions

RUSSIAN = {"headers": {"accept-language": "ru-RU,ru;q=0.9,en;q=0.5"}}
LOGIN = "/accounts/login/"


@pytest.mark.django_db
def test_a_page_speaks_the_language_that_the_browser_asks_for() -> None:
    page = Client().get(LOGIN, **RUSSIAN)
    assert 'lang="ru"' in page.text
    assert "Забыли пароль?" in page.text
    assert page["Content-Language"] == "ru"
    assert "Accept-Language" in page["Vary"]


@pytest.mark.django_db
def test_a_language_that_we_do_not_speak_is_english() -> None:
    assert "Forgot your password?" in Client().get(LOGIN, headers={"accept-language": "fi"}).text


@pytest.mark.django_db
def test_a_language_chosen_by_a_link_is_remembered() -> None:
    client = Client()
    assert "Забыли пароль?" in client.get(LOGIN + "?lang=ru").text
    assert "Забыли пароль?" in client.get(LOGIN, headers={"accept-language": "en"}).text


@pytest.mark.django_db
@pytest.mark.parametrize("nonsense", ["xx", "ru'", "../ru", "EN", ""])
def test_a_language_nobody_speaks_changes_nothing(nonsense: str) -> None:
    client = Client()
    assert "Forgot your password?" in client.get(LOGIN, {"lang": nonsense}).text
    assert "language" not in client.cookies


def test_the_account_wins_over_the_browser(browser: Client, person: User) -> None:
    accounts.set_language(user_id=person.pk, language="ru")
    assert "Что нарисуем?" in browser.get("/chat/", headers={"accept-language": "en"}).text


def test_an_account_that_never_chose_follows_the_browser(browser: Client) -> None:
    assert "Что нарисуем?" in browser.get("/chat/", **RUSSIAN).text


@pytest.mark.django_db
def test_whoever_registers_is_written_to_as_on_the_page_where_they_did() -> None:
    Client().post(
        "/accounts/register/", {"email": "anna@example.com", "password": "семь лиловых чайников"}, **RUSSIAN
    )
    assert User.objects.get(email="anna@example.com").language == "ru"
    assert Mail.objects.get(recipient="anna@example.com").subject == "Подтвердите адрес почты"


@pytest.mark.django_db
def test_a_mail_follows_the_account_whatever_browser_asks_for_it() -> None:
    anna = User.objects.create_user("anna@example.com", "seven purple kettles", language="ru")
    Client().post("/accounts/password/reset/", {"email": anna.email}, headers={"accept-language": "en"})
    assert Mail.objects.get(recipient=anna.email).subject == "Выберите новый пароль"


@pytest.mark.django_db
def test_a_reminder_is_written_in_the_language_of_its_reader_with_the_month_in_the_right_case() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for email, language in [("anna@example.com", "ru"), ("mia@example.com", "en")]:
        user = User.objects.create_user(email, "seven purple kettles", language=language)
        subscriptions.grant(user_id=user.pk, limit=5, reason="test", actor=SYSTEM, now=now)
    subscriptions.send_reminders(now=now + timedelta(days=28))
    russian, english = (Mail.objects.get(recipient=to) for to in ("anna@example.com", "mia@example.com"))
    assert russian.subject == "Ваш тариф заканчивается через три дня"
    assert "до 1 апреля 2026, 12:00 UTC" in russian.text
    assert 'lang="ru"' in russian.html
    assert english.subject == "Your plan ends in three days"
    assert "until 1 April 2026, 12:00 UTC" in english.text


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 картинка"), (2, "2 картинки"), (4, "4 картинки"), (5, "5 картинок")]
)
def test_russian_plurals_have_three_forms(count: int, words: str) -> None:
    from django.utils.translation import ngettext, override

    with override("ru"):
        assert ngettext("%(n)s image", "%(n)s images", count) % {"n": count} == words


@pytest.mark.django_db
def test_operators_pages_are_english_whatever_their_browser_says() -> None:
    page = Client().get("/admin/", follow=False, **RUSSIAN)
    assert page["Content-Language"] == "en"


@pytest.mark.django_db
async def test_the_waiting_lane_answers_in_the_browsers_language() -> None:
    answer = await AsyncClient().get("/updates/", **RUSSIAN)
    assert answer.json()["errors"][""] == ["Вы вышли. Войдите и попробуйте снова."]


@pytest.mark.django_db
def test_one_request_leaves_no_language_behind_for_the_next() -> None:
    client = Client()
    client.get(LOGIN, **RUSSIAN)
    assert "Forgot your password?" in client.get(LOGIN).text


@pytest.mark.django_db
def test_a_language_that_no_catalogue_has_is_refused() -> None:
    user = User.objects.create_user("anna@example.com", "seven purple kettles", created_at=timezone.now())
    with pytest.raises(accounts.UnknownLanguage):
        accounts.set_language(user_id=user.pk, language="fi")
