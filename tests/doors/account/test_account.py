from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from tests.doors.account.conftest import NOW, PASSWORD

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries
from nproxy.audit import queries as audit
from nproxy.audit.rules import SYSTEM
from nproxy.notifications.models import Mail
from nproxy.web.account.mails import LETTERS

pytestmark = pytest.mark.django_db
Link = Callable[[], str]


def register(
    client: Client, email: str = "new@example.com", password: str = PASSWORD, **more: str
) -> HttpResponse:
    return client.post("/accounts/register/", {"email": email, "password": password, **more})


def log_in(
    client: Client, email: str = "mia@example.com", password: str = PASSWORD, **more: str
) -> HttpResponse:
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def is_in(client: Client) -> bool:
    return get_user(client).is_authenticated


# Registering


def test_an_unconfirmed_person_cannot_log_in(client: Client) -> None:
    register(client)
    answer = log_in(client, "new@example.com")
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not is_in(client)


def test_confirming_in_the_same_browser_logs_in_and_goes_where_the_person_was_headed(
    client: Client, link: Link
) -> None:
    register(client, next="/chat/?from=landing")
    assert client.post(link())["Location"] == "/chat/?from=landing"
    assert is_in(client)


def test_looking_at_the_confirmation_link_confirms_nothing(client: Client, link: Link) -> None:
    register(client)
    assert client.get(link()).status_code == 200
    assert not queries.find("new@example.com").verified


def test_a_confirmation_pressed_twice_is_explained(client: Client, link: Link) -> None:
    register(client)
    path = link()
    client.post(path)
    assert b"no longer works" in client.post(path).content
    assert b"no longer works" in client.get(path).content


def test_a_made_up_confirmation_link_is_explained(client: Client) -> None:
    assert b"no longer works" in client.get("/accounts/confirm-email/MQ:1x:yyyy/").content


@pytest.mark.parametrize("password", ["short", "1234567890", "new@example.com"])
def test_a_weak_password_is_refused_beside_its_field(client: Client, password: str) -> None:
    answer = register(client, password=password)
    assert answer.status_code == 200
    assert b'aria-describedby="id_password_helptext id_password_error"' in answer.content
    assert queries.find("new@example.com") is None


@pytest.mark.parametrize(
    ("path", "field"), [("register", "email"), ("login", "login"), ("password/reset", "email")]
)
def test_an_address_that_is_too_long_is_refused_beside_its_field(
    client: Client, path: str, field: str
) -> None:
    form = {field: "a" * 300 + "@example.com", "password": PASSWORD}
    answer = client.post(f"/accounts/{path}/", form)
    assert (answer.status_code, is_in(client)) == (200, False)
    assert b"at most 254 characters" in answer.content
    assert not Mail.objects.exists()


def test_registering_while_the_same_address_is_being_registered_is_no_error(
    client: Client, mia: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other one committed after this form looked for the address and before it was saved.
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.assess_unique_email", lambda email, user=None: True
    )
    assert register(client, "mia@example.com")["Location"] == "/accounts/confirm-email/"
    assert Mail.objects.get().kind == "account_already_exists"


# Known and unknown addresses


def visible(answer: HttpResponse) -> tuple[int, str, bytes]:
    """What an observer can tell apart, without the token that differs in every form."""
    body = b"\n".join(line for line in answer.content.splitlines() if b"csrfmiddlewaretoken" not in line)
    return answer.status_code, answer.get("Location", ""), body


def test_registering_a_known_address_looks_like_registering_a_new_one(mia: int) -> None:
    new, known = Client(), Client()
    assert visible(register(new, "new@example.com")) == visible(register(known, "mia@example.com"))
    page = "/accounts/confirm-email/"
    assert visible(new.get(page)) == visible(known.get(page))
    assert set(new.cookies) == set(known.cookies)
    assert [mail.kind for mail in Mail.objects.order_by("pk")] == [
        "email_confirmation_signup",
        "account_already_exists",
    ]
    assert queries.find("mia@example.com").id == mia


def test_a_wrong_password_looks_the_same_for_known_and_unknown_addresses(mia: int) -> None:
    known = log_in(Client(), "mia@example.com", "wrong password")
    unknown = log_in(Client(), "noa@example.com", "wrong password")
    assert b"do not belong together" in known.content
    assert visible(known)[2].replace(b"mia@", b"noa@") == visible(unknown)[2]


def test_asking_for_a_new_password_looks_the_same_and_mails_both(mia: int) -> None:
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": email})
        for email in ("mia@example.com", "nobody@example.com")
    )
    assert visible(known) == visible(unknown)
    assert [mail.kind for mail in Mail.objects.order_by("pk")] == ["password_reset_key", "unknown_account"]


@pytest.mark.parametrize(("path", "field"), [("/accounts/register/", "email"), ("/accounts/login/", "login")])
def test_a_password_is_hashed_once_whether_the_address_is_known_or_not(
    mia: int, monkeypatch: pytest.MonkeyPatch, path: str, field: str
) -> None:
    hashes: list[str] = []
    real = Argon2PasswordHasher.encode
    monkeypatch.setattr(
        Argon2PasswordHasher,
        "encode",
        lambda self, password, salt: hashes.append(path) or real(self, password, salt),
    )
    real_verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(
        Argon2PasswordHasher,
        "verify",
        lambda self, password, encoded: hashes.append(path) or real_verify(self, password, encoded),
    )
    counts = []
    for email in ("mia@example.com", "new@example.com"):
        hashes.clear()
        Client().post(path, {field: email, "password": "wrong but long enough"})
        counts.append(len(hashes))
    assert counts == [1, 1]


# Logging in and out


def test_logging_in_gives_a_fresh_session_for_fourteen_days(client: Client, mia: int) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/chat/")
    cookie = answer.cookies["sessionid"]
    assert cookie.value != before
    assert cookie["max-age"] == 14 * 24 * 3600
    assert cookie["httponly"]


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/gallery/?page=2", "/gallery/?page=2"),
        ("https://evil.example/", "/chat/"),
        ("//evil.example/", "/chat/"),
        ("/\\evil.example/", "/chat/"),
        ("https:evil.example", "/chat/"),
        ("javascript:alert(1)", "/chat/"),
        ("http://testserver/chat/", "/chat/"),
    ],
)
def test_after_login_people_go_to_a_path_of_this_site_and_nowhere_else(
    client: Client, mia: int, wanted: str, given: str
) -> None:
    assert log_in(client, next=wanted)["Location"] == given


def test_a_signed_in_person_has_no_use_for_the_login_page(client: Client, mia: int) -> None:
    log_in(client)
    assert client.get("/accounts/login/")["Location"] == "/chat/"
    assert client.get("/accounts/register/")["Location"] == "/chat/"
    assert client.get("/")["Location"] == "/chat/"


def test_logging_out_asks_first_and_ends_the_session(client: Client, mia: int) -> None:
    log_in(client)
    assert b"<form" in client.get("/accounts/logout/").content
    assert is_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not is_in(client)


def test_a_blocked_person_is_out_at_once_and_cannot_log_in(client: Client, mia: int) -> None:
    log_in(client)
    accounts.block(user_id=mia, reason="chargeback", actor=SYSTEM, now=NOW)
    assert not is_in(client)
    other = Client()
    assert log_in(other)["Location"] == "/accounts/inactive/"
    assert not is_in(other)
    assert b"blocked" in other.get("/accounts/inactive/").content


def test_forms_are_protected_against_other_sites(mia: int) -> None:
    for path in ("register", "login", "logout", "password/reset"):
        assert Client(enforce_csrf_checks=True).post(f"/accounts/{path}/").status_code == 403


# Limits


def test_the_sixth_wrong_password_for_one_address_is_not_even_looked_at(mia: int) -> None:
    for number in range(5):
        log_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), password="wrong password")
    blocked = log_in(Client(REMOTE_ADDR="192.0.2.99"))
    assert b"Too many tries" in blocked.content


def test_one_address_of_the_network_may_try_ten_wrong_passwords_a_minute(mia: int) -> None:
    for number in range(10):
        log_in(Client(REMOTE_ADDR="192.0.2.1"), f"nobody{number}@example.com", "wrong password")
    assert b"Too many tries" in log_in(Client(REMOTE_ADDR="192.0.2.1")).content
    assert log_in(Client(REMOTE_ADDR="192.0.2.2")).status_code == 302


def test_the_clients_own_address_counts_and_not_the_proxys(mia: int, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        # What a client writes in front of its own address is not believed.
        forged = f"198.51.100.{number}, 192.0.2.1"
        log_in(Client(HTTP_X_FORWARDED_FOR=forged), f"nobody{number}@example.com", "wrong password")
    assert b"Too many tries" in log_in(Client(HTTP_X_FORWARDED_FOR="192.0.2.1")).content
    assert log_in(Client(HTTP_X_FORWARDED_FOR="192.0.2.2")).status_code == 302


def test_successful_logins_use_up_no_tries(mia: int) -> None:
    for _ in range(8):
        assert log_in(Client()).status_code == 302


def test_the_fourth_request_for_a_new_password_gets_words_and_no_mail(client: Client, mia: int) -> None:
    answers = [client.post("/accounts/password/reset/", {"email": "mia@example.com"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert b"Too many tries" in answers[-1].content
    assert Mail.objects.count() == 3


def test_a_confirmation_mail_is_sent_again_only_after_a_while(client: Client) -> None:
    register(client)
    log_in(client, "new@example.com")
    assert Mail.objects.count() == 1


# Passwords


def reset_link(client: Client, link: Link) -> str:
    """Ask for the mail, open its link, and answer the address of the form behind it."""
    client.post("/accounts/password/reset/", {"email": "mia@example.com"})
    return client.get(link())["Location"]


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(
    client: Client, mia: int, link: Link
) -> None:
    other = Client()
    log_in(other)
    form = reset_link(client, link)
    first_link = link()
    assert (
        client.post(form, {"password": "nine green lanterns"})["Location"]
        == "/accounts/password/reset/key/done/"
    )
    assert not is_in(other)
    assert log_in(Client(), password="nine green lanterns").status_code == 302
    assert Mail.objects.latest("pk").kind == "password_reset"
    assert b"no longer works" in client.get(first_link).content


def test_the_link_in_a_mail_is_made_of_our_address_and_not_of_the_hosts_header(
    client: Client, mia: int, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client.post("/accounts/password/reset/", {"email": "mia@example.com"}, HTTP_HOST="evil.example")
    mail = Mail.objects.get()
    assert "http://localhost:8000/accounts/password/reset/key/" in mail.text
    assert "evil.example" not in mail.text + mail.html


def test_resetting_a_password_confirms_the_address_too(client: Client, link: Link) -> None:
    accounts.create_user(email="mia@example.com", password=PASSWORD, actor=SYSTEM, now=NOW)
    client.post(reset_link(client, link), {"password": "nine green lanterns"})
    assert queries.find("mia@example.com").verified


def test_a_changed_password_keeps_this_session_ends_the_others_and_is_mailed(
    client: Client, mia: int
) -> None:
    other = Client()
    log_in(other)
    log_in(client)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password": "nine green lanterns"}
    )
    assert answer.status_code == 302
    assert is_in(client)
    assert not is_in(other)
    assert Mail.objects.get().kind == "password_changed"
    entry = audit.entries(target=("user", mia))[0]
    assert (entry.action, entry.actor_name, entry.origin) == (
        "user.password_changed",
        "mia@example.com",
        "127.0.0.1",
    )


def test_changing_a_password_takes_the_current_one(client: Client, mia: int) -> None:
    log_in(client)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": "wrong", "password": "nine green lanterns"}
    )
    assert b"not your current password" in answer.content
    assert log_in(Client()).status_code == 302


# Operators


def test_operators_signing_in_and_failing_to_are_audited_with_where_from(client: Client, mia: int) -> None:
    accounts.set_role(user_id=mia, role="owner", actor=SYSTEM, now=NOW)
    log_in(client, password="wrong password")
    log_in(client)
    signed_in, failed = audit.entries(target=("user", mia))[:2]
    assert (signed_in.action, failed.action) == ("user.signed_in", "user.sign_in_failed")
    assert signed_in.origin == failed.origin == "127.0.0.1"


# The pages themselves


def test_logging_out_is_asked_without_shouting(client: Client, mia: int) -> None:
    log_in(client)
    main = client.get("/accounts/logout/").content.split(b"<main")[1]
    assert b"button-primary" not in main


class Fields(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, str | None]] = {}
        self.inline: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") != "hidden":
            self.fields[str(given["name"])] = given
        if "style" in given or tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("login/", {"login": "username", "password": "current-password"}),
        ("register/", {"email": "username", "password": "new-password"}),
        ("password/reset/", {"email": "username"}),
    ],
)
def test_password_managers_are_told_what_each_field_is(
    client: Client, path: str, tokens: dict[str, str]
) -> None:
    page = Fields(client.get(f"/accounts/{path}").content)
    assert {name: field.get("autocomplete") for name, field in page.fields.items()} == tokens
    assert page.inline == []


@pytest.mark.parametrize(
    "path", ["/", "/terms/", "/privacy/", "/accounts/confirm-email/", "/accounts/inactive/"]
)
def test_pages_carry_no_inline_script_or_style(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert Fields(answer.content).inline == []


def test_every_account_mail_has_words() -> None:
    context = {"activate_url": "u", "password_reset_url": "u", "timestamp": NOW, "ip": "192.0.2.1"}
    for write in LETTERS.values():
        letter = write(context)
        assert letter.subject
        assert letter.lines
        assert "!" not in "".join((letter.subject, *letter.lines, *letter.notes))
