from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import get_hasher

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries
from nproxy.accounts.models import User
from nproxy.audit import queries as audit
from nproxy.audit.rules import SYSTEM

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "seven purple kettles"

pytestmark = pytest.mark.django_db


def create(email: str = "mia@example.com", **given: object) -> int:
    wanted: dict[str, object] = {"password": PASSWORD, "actor": SYSTEM, "now": NOW, **given}
    return accounts.create_user(email=email, **wanted)  # type: ignore[arg-type]  # keywords given by each test


def done_to(user_id: int) -> list[str]:
    return [entry.action for entry in reversed(audit.entries(target=("user", user_id)))]


def test_a_created_person_is_found_under_any_capitals() -> None:
    user_id = create("  Mia@Example.COM ", verified=True)
    person = queries.find("MIA@example.com")
    assert person == queries.Person(user_id, "mia@example.com", "", True, True, NOW, None)
    assert queries.person(user_id) == person


def test_nobody_is_found_under_an_unknown_address() -> None:
    assert queries.find("nobody@example.com") is None
    assert queries.person(404) is None


def test_a_person_is_unverified_until_the_address_is_confirmed() -> None:
    user_id = create()
    assert not queries.find("mia@example.com").verified
    accounts.confirm_email(user_id=user_id, actor=SYSTEM, now=NOW)
    accounts.confirm_email(user_id=user_id, actor=SYSTEM, now=NOW)
    assert queries.find("mia@example.com").verified
    assert done_to(user_id) == ["user.created", "user.email_confirmed"]


def test_an_address_belongs_to_one_account() -> None:
    create()
    with pytest.raises(accounts.EmailTaken):
        create("MIA@example.com")
    assert User.objects.count() == 1


@pytest.mark.parametrize("email", ["", "mia", "mia@", "@example.com", "mia example@example.com"])
def test_what_is_not_an_address_makes_no_account(email: str) -> None:
    with pytest.raises(accounts.InvalidEmail):
        create(email)


def test_an_address_has_at_most_254_characters() -> None:
    assert create("a" * 242 + "@example.com")
    with pytest.raises(accounts.EmailTooLong):
        create("a" * 243 + "@example.com")


@pytest.mark.parametrize("password", ["short", "password1234", "mia@example.com"])
def test_a_weak_password_is_refused_with_reasons(password: str) -> None:
    with pytest.raises(accounts.WeakPassword) as refusal:
        create(password=password)
    assert refusal.value.reasons


@pytest.mark.usefixtures("hashes_as_in_production")
def test_passwords_are_hashed_with_argon2id_at_nineteen_mebibytes() -> None:
    create()
    assert User.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert not get_hasher().must_update(User.objects.get().password)


def test_a_new_password_replaces_the_old_one_and_is_audited_without_it() -> None:
    user_id = create()
    accounts.set_password(user_id=user_id, password="nine green lanterns", actor=SYSTEM, now=NOW)
    assert User.objects.get().check_password("nine green lanterns")
    assert done_to(user_id) == ["user.created", "user.password_changed"]
    assert "lanterns" not in repr(audit.entries())


def test_a_role_is_given_and_taken_away_with_its_audit_entry() -> None:
    user_id = create()
    accounts.set_role(user_id=user_id, role="operator", actor=SYSTEM, now=NOW)
    assert User.objects.get().is_staff
    entry = audit.entries()[0]
    assert (entry.action, entry.before, entry.after) == (
        "user.role_changed",
        {"role": ""},
        {"role": "operator"},
    )
    with pytest.raises(accounts.AlreadySo):
        accounts.set_role(user_id=user_id, role="operator", actor=SYSTEM, now=NOW)
    accounts.set_role(user_id=user_id, role="", actor=SYSTEM, now=NOW)
    assert not User.objects.get().is_staff


def test_there_are_three_roles_and_no_others() -> None:
    user_id = create()
    with pytest.raises(accounts.UnknownRole):
        accounts.set_role(user_id=user_id, role="emperor", actor=SYSTEM, now=NOW)
    with pytest.raises(accounts.UnknownRole):
        create("max@example.com", role="emperor")


def test_nothing_is_done_to_nobody() -> None:
    with pytest.raises(accounts.UnknownPerson):
        accounts.set_role(user_id=404, role="owner", actor=SYSTEM, now=NOW)
    with pytest.raises(accounts.UnknownPerson):
        accounts.block(user_id=404, reason="?", actor=SYSTEM, now=NOW)


def test_a_blocked_person_cannot_prove_who_they_are_until_unblocked() -> None:
    user_id = create(verified=True)
    accounts.block(user_id=user_id, reason="chargeback", actor=SYSTEM, now=NOW)
    assert authenticate(None, email="mia@example.com", password=PASSWORD) is None
    with pytest.raises(accounts.AlreadySo):
        accounts.block(user_id=user_id, reason="again", actor=SYSTEM, now=NOW)
    accounts.unblock(user_id=user_id, reason="settled", actor=SYSTEM, now=NOW)
    assert authenticate(None, email="mia@example.com", password=PASSWORD) is not None
    assert done_to(user_id) == ["user.created", "user.blocked", "user.unblocked"]


def test_only_operators_signing_in_are_audited() -> None:
    operator = create("olga@example.com", role="owner")
    person = create()
    for email in ("olga@example.com", "mia@example.com", "nobody@example.com"):
        accounts.record_sign_in(email=email, succeeded=True, actor=SYSTEM, now=NOW)
        accounts.record_sign_in(email=email, succeeded=False, actor=SYSTEM, now=NOW)
    assert done_to(operator) == ["user.created", "user.signed_in", "user.sign_in_failed"]
    assert done_to(person) == ["user.created"]


def test_people_are_listed_newest_first_and_searched_by_address() -> None:
    for name in ("ann", "bob", "annika"):
        create(f"{name}@example.com")
    assert [person.email for person in queries.people(search="ANN")] == [
        "annika@example.com",
        "ann@example.com",
    ]
    assert [person.email for person in queries.people(limit=1)] == ["annika@example.com"]
