"""Adding, stopping, returning, removing: clear refusals, sealed secrets, an audit entry for each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from pytest_django import Settings

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import ProviderKey

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def added(operator: Actor, **changes: str) -> int:
    facts = {"provider": "gemini", "label": "main", "secret": "AQ.an-honest-secret-1234"} | changes
    return providers.add_key(**facts, actor=operator, now=NOW)


def test_a_key_is_kept_sealed_and_shown_by_its_tail(operator: Actor) -> None:
    added(operator, secret="  AQ.an-honest-secret-1234\n", account="google-1")
    row = ProviderKey.objects.get()
    assert b"honest" not in bytes(row.sealed_secret)
    assert secrets.open_sealed(row.sealed_secret, place=f"provider_key:{row.fingerprint}").endswith("-1234")
    [line] = queries.keys(NOW)
    assert (line.label, line.account, line.tail, line.status) == ("main", "google-1", "1234", "active")
    entry = AuditEntry.objects.get(action="key.added")
    assert "honest" not in str(entry.after)


@pytest.mark.parametrize(
    "secret",
    ["", "short", "has a blank inside", "has\nline", "control\x07char", "naïve-secret-é", "x" * 513],
)
def test_a_malformed_secret_is_refused_without_being_repeated(operator: Actor, secret: str) -> None:
    with pytest.raises(providers.BadKey, match="8 to 512 printable") as refused:
        added(operator, secret=secret)
    assert not secret or secret not in str(refused.value)


@pytest.mark.parametrize("label", ["", "-dash", "new\nline", "x" * 65, "<b>"])
def test_a_malformed_label_is_refused_with_the_accepted_form(operator: Actor, label: str) -> None:
    with pytest.raises(providers.BadKey, match="1 to 64"):
        added(operator, label=label)


def test_an_unknown_provider_is_refused_with_those_that_exist(operator: Actor) -> None:
    with pytest.raises(providers.UnknownProvider, match="known: gemini"):
        added(operator, provider="nanobananaapi")


def test_the_same_label_or_the_same_secret_is_refused_by_name(operator: Actor) -> None:
    added(operator)
    with pytest.raises(providers.LabelTaken, match="'main'"):
        added(operator, secret="AQ.another-honest-secret")
    with pytest.raises(providers.DuplicateKey, match="as 'main'"):
        added(operator, label="other")
    assert ProviderKey.objects.count() == 1


def test_a_disabled_key_stays_so_until_it_is_returned(operator: Actor) -> None:
    key_id = added(operator)
    providers.disable(key_id=key_id, actor=operator, now=NOW, reason="leaked?")
    with pytest.raises(providers.AlreadyDisabled):
        providers.disable(key_id=key_id, actor=operator, now=NOW)
    [line] = queries.keys(NOW + timedelta(days=30))
    assert (line.status, line.status_reason) == ("disabled", "leaked?")
    providers.activate(key_id=key_id, reason="it was not", actor=operator, now=NOW)
    with pytest.raises(providers.AlreadyActive):
        providers.activate(key_id=key_id, reason="again", actor=operator, now=NOW)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", "reason"))
    assert actions[1:] == [("key.disabled", "leaked?"), ("key.returned_to_service", "it was not")]


def test_the_last_key_in_service_is_kept_when_asked_to(operator: Actor) -> None:
    first, second = added(operator), added(operator, label="spare", secret="AQ.another-honest-secret")
    providers.disable(key_id=first, unless_last=True, actor=operator, now=NOW)
    with pytest.raises(providers.LastKey):
        providers.disable(key_id=second, unless_last=True, actor=operator, now=NOW)
    assert queries.keys(NOW)[1].status == "active"
    providers.disable(key_id=second, actor=operator, now=NOW)


def test_a_key_that_cools_down_is_not_one_to_rely_on(operator: Actor) -> None:
    key_id = added(operator)
    cooling = added(operator, label="spare", secret="AQ.another-honest-secret")
    ProviderKey.objects.filter(pk=cooling).update(
        cooldown_since=NOW, cooldown_until=NOW + timedelta(minutes=5)
    )
    with pytest.raises(providers.LastKey):
        providers.disable(key_id=key_id, unless_last=True, actor=operator, now=NOW)
    providers.disable(key_id=cooling, unless_last=True, actor=operator, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_the_last_two_keys_at_once_leave_one(operator: Actor) -> None:
    keys = [added(operator), added(operator, label="spare", secret="AQ.another-honest-secret")]
    together = Barrier(2)

    def disable(key_id: int) -> bool:
        together.wait(30)
        try:
            providers.disable(key_id=key_id, unless_last=True, actor=operator, now=NOW)
        except providers.LastKey:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as operators:
        assert sorted(operators.map(disable, keys)) == [False, True]
    assert sorted(line.status for line in queries.keys(NOW)) == ["active", "disabled"]


def test_of_many_keys_all_are_added_or_none(operator: Actor) -> None:
    added(operator)
    given = [("one", "AQ.a-secret-of-one"), ("main", "AQ.a-secret-of-two")]
    with pytest.raises(providers.NotAdded, match="'main'") as refused:
        providers.add_keys(provider="gemini", given=given, actor=operator, now=NOW)
    assert (refused.value.number, ProviderKey.objects.count()) == (2, 1)
    providers.add_keys(provider="gemini", given=given[:1], account="acme", actor=operator, now=NOW)
    assert [(line.label, line.account) for line in queries.keys(NOW)][1:] == [("one", "acme")]


def test_a_return_to_service_ends_a_cooldown_and_forgets_failures(operator: Actor) -> None:
    key_id = added(operator)
    ProviderKey.objects.update(failures=7, cooldown_since=NOW, cooldown_until=NOW + timedelta(minutes=5))
    providers.activate(key_id=key_id, reason="checked", actor=operator, now=NOW + timedelta(seconds=1))
    [line] = queries.keys(NOW + timedelta(seconds=1))
    assert (line.status, line.failures, line.cooldown_until) == ("active", 0, None)


def test_a_removed_key_is_gone(operator: Actor) -> None:
    key_id = added(operator)
    providers.remove(key_id=key_id, actor=operator, now=NOW)
    assert queries.keys(NOW) == []
    with pytest.raises(providers.UnknownKey):
        providers.remove(key_id=key_id, actor=operator, now=NOW)


def test_secrets_move_to_the_newest_encryption_key(operator: Actor, settings: Settings) -> None:
    added(operator)
    old = settings.NPROXY_ENCRYPTION_KEYS
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32, *old]
    assert providers.rotate_secrets() == 1
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32]
    row = ProviderKey.objects.get()
    assert secrets.open_sealed(row.sealed_secret, place=f"provider_key:{row.fingerprint}").startswith("AQ.")
    settings.NPROXY_ENCRYPTION_KEYS = old
    with pytest.raises(secrets.WrongEncryptionKey):
        providers.rotate_secrets()
