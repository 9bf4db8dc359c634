"""Who gets in at /admin/, and for how long."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.doors.staff.seats import PASSWORD, Seat, address, code_for, code_of, recorded

from nproxy.accounts import actions as accounts
from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM

HOME = "/admin/"


@pytest.fixture
def ops(db: None) -> User:
    """An operator who has not set up anything yet."""
    user_id = accounts.create_user(
        email="ops@example.com",
        password=PASSWORD,
        role="operator",
        verified=True,
        actor=SYSTEM,
        now=timezone.now(),
    )
    return User.objects.get(pk=user_id)


def log_in(client: Client, password: str = PASSWORD) -> HttpResponse:
    data = {"login": "ops@example.com", "password": password, "next": HOME}
    return client.post("/accounts/login/", data)


@pytest.mark.django_db(transaction=True)
def test_production_lets_no_operator_in_without_a_second_factor(ops: User, settings: Settings) -> None:
    settings.NPROXY_ENV = "production"
    client = Client()
    log_in(client)
    turned_away = client.get(HOME)
    assert turned_away.status_code == 302
    assert turned_away.url.startswith("/accounts/2fa/totp/activate/")
    page = client.get(turned_away.url).content.decode()
    secret = re.search(r'id="secret" type="text" value="([^"]+)"', page)[1]
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]
    assert ET.fromstring(base64.b64decode(picture)).tag == "{http://www.w3.org/2000/svg}svg"
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}, follow=True)
    codes = done.content.decode()
    assert len(re.findall(r"<li><code>\d+</code>", codes)) == 10
    assert client.get(HOME).status_code == 200  # proven by the set-up itself
    assert recorded("user", ops.pk)[0].action == "user.second_factor_added"


def test_development_lets_an_operator_begin_at_once_but_asks_whoever_has_a_second_factor(ops: User) -> None:
    client = Client()
    log_in(client)
    assert client.get(HOME).status_code == 200
    TOTP.activate(ops, generate_totp_secret())
    asked = client.get(HOME)
    assert asked.url == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2F"
    client.post(asked.url, {"code": code_of(ops), "next": HOME})
    assert client.get(HOME).status_code == 200


def test_signing_in_asks_for_the_code_and_a_wrong_one_is_recorded(ops: User) -> None:
    TOTP.activate(ops, generate_totp_secret())
    client = Client()
    assert log_in(client).url == "/accounts/2fa/authenticate/"
    assert client.get(HOME).status_code == 302  # a password alone opens nothing
    assert "not right" in client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert recorded("user", ops.pk)[0].action == "user.sign_in_failed"
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(ops)}).status_code == 302
    assert client.get(HOME).status_code == 200
    came, failed = recorded("user", ops.pk)[:2]
    assert (came.action, came.actor_kind, came.actor_name) == ("user.signed_in", "operator", ops.email)
    assert (failed.action, failed.actor_kind) == ("user.sign_in_failed", "person")  # proven to be nobody


def test_a_recovery_code_works_once(ops: User) -> None:
    TOTP.activate(ops, generate_totp_secret())
    code = RecoveryCodes.activate(ops).get_unused_codes()[0]
    for works in (True, False):
        client = Client()
        log_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert (client.get(HOME).status_code == 200) is works


def test_the_secrets_of_second_factors_are_sealed(ops: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(ops, secret)
    assert secret not in str(Authenticator.objects.get(user=ops).data)


@pytest.mark.parametrize(("ago", "is_in"), [(29 * 60, True), (31 * 60, False)])
def test_half_an_hour_of_nothing_ends_the_visit(operator: Seat, ago: float, is_in: bool) -> None:
    operator.signs_in(ago=ago)
    response = operator.client.get(HOME)
    assert (response.status_code == 200) is is_in
    if not is_in:
        assert response.url == "/accounts/login/?next=/admin/"
        assert operator.client.get("/accounts/").status_code == 302  # signed out altogether


def test_visits_keep_a_session_but_for_twelve_hours_at_most(operator: Seat) -> None:
    begin = timezone.now()
    for minutes in range(0, 12 * 60 + 20, 20):
        with time_machine.travel(begin + timedelta(minutes=minutes), tick=False):
            assert (operator.client.get(HOME).status_code == 200) is (minutes < 12 * 60)


def test_an_operators_address_has_fewer_tries(ops: User) -> None:
    for _ in range(5):
        log_in(Client(), "wrong")
    refused = log_in(Client())
    assert "Too many tries" in refused.content.decode()


def test_somebody_without_a_role_is_refused(person: User, browser: Client) -> None:
    assert browser.get(HOME).status_code in {302, 403}
    assert browser.post("/admin/accounts/user/", {}).status_code in {302, 403}


def test_the_password_form_of_the_admin_leads_to_the_accounts_own(owner: Seat) -> None:
    assert owner.client.get("/admin/password_change/").url == "/accounts/password/change/"


def test_rotation_seals_second_factors_anew_and_they_go_on_working(ops: User, settings: Settings) -> None:
    TOTP.activate(ops, generate_totp_secret())
    old = settings.NPROXY_ENCRYPTION_KEYS[0]
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32, old]
    assert accounts.rotate_second_factors() == 1
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32]
    client = Client()
    log_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(ops)})
    assert client.get(HOME).status_code == 200


def test_an_owner_takes_a_lost_second_factor_away_with_a_reason(owner: Seat, ops: User) -> None:
    TOTP.activate(ops, generate_totp_secret())
    page = owner.acts(address(User, ops.pk, "second-factor"), reason="lost the phone").content.decode()
    assert "sets up a new one" in page
    assert not Authenticator.objects.filter(user=ops).exists()
    entry = recorded("user", ops.pk)[0]
    assert (entry.action, entry.reason) == ("user.second_factor_taken", "lost the phone")
    assert (
        "They have none"
        in owner.acts(address(User, ops.pk, "second-factor"), reason="again").content.decode()
    )


def test_whoever_turns_the_second_factor_off_is_out_at_once(operator: Seat, settings: Settings) -> None:
    settings.NPROXY_ENV = "production"
    assert operator.client.get(HOME).status_code == 200
    Authenticator.objects.filter(user=operator.user).delete()
    assert operator.client.get(HOME).url.startswith("/accounts/2fa/totp/activate/")
