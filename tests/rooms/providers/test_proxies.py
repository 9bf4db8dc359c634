"""Proxies of operators: clear refusals, sealed credentials, an audit entry for each change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import Proxy

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
pytestmark = pytest.mark.django_db


def added(operator: Actor, **changes: str) -> int:
    facts = {"name": "berlin", "url": "socks5://ann:s%20ecret@proxy.example.com"} | changes
    return providers.add_proxy(**facts, is_required=False, actor=operator, now=NOW)


def test_its_credentials_are_kept_sealed_and_shown_nowhere(operator: Actor) -> None:
    added(operator)
    row = Proxy.objects.get()
    assert b"ecret" not in bytes(row.sealed_url)
    [line] = queries.proxies(NOW)
    assert (line.address, line.status, line.keys) == ("socks5://proxy.example.com:1080", "in use", ())
    everything = str(AuditEntry.objects.values()) + str(line)
    assert "ecret" not in everything


@pytest.mark.parametrize(
    "url", ["", "proxy.example.com:80", "ftp://proxy.example.com", "http://", "http://h:0"]
)
def test_a_malformed_address_is_refused_with_what_is_accepted(operator: Actor, url: str) -> None:
    with pytest.raises(providers.BadProxy):
        added(operator, url=url)
    assert not Proxy.objects.exists()


def test_a_malformed_or_a_taken_name_is_refused(operator: Actor) -> None:
    with pytest.raises(providers.BadProxy, match="1 to 64"):
        added(operator, name="-dash")
    added(operator)
    with pytest.raises(providers.ProxyExists, match="'berlin'"):
        added(operator)


def test_one_that_keys_go_out_by_cannot_be_removed(operator: Actor, add_key: AddKey) -> None:
    added(operator)
    key_id = add_key("a", proxy="berlin")
    with pytest.raises(providers.ProxyInUse, match=r"by it: a$"):
        providers.remove_proxy(name="berlin", actor=operator, now=NOW)
    providers.set_key(key_id=key_id, changes={"proxy": None}, actor=operator, now=NOW)
    providers.remove_proxy(name="berlin", actor=operator, now=NOW)
    with pytest.raises(providers.UnknownProxy):
        providers.remove_proxy(name="berlin", actor=operator, now=NOW)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["proxy.added", "key.added", "key.changed", "proxy.removed"]


def test_a_key_cannot_use_a_proxy_that_is_not_there(add_key: AddKey) -> None:
    with pytest.raises(providers.UnknownProxy):
        add_key("a", proxy="atlantis")
    assert queries.keys(NOW) == []


def test_what_does_not_open_is_named_and_a_rotation_takes_proxies_along(
    operator: Actor, add_key: AddKey, settings: Settings
) -> None:
    added(operator)
    add_key("a", proxy="berlin")
    old = settings.NPROXY_ENCRYPTION_KEYS
    assert providers.unopened_secrets() == []
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32]
    found = providers.unopened_secrets()
    assert [one.split(":")[0].split(" ")[0] for one in found] == ["key", "proxy"]
    assert all("NPROXY_ENCRYPTION_KEYS" in one for one in found)
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32, *old]
    assert providers.rotate_secrets() == 2
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32]
    assert providers.unopened_secrets() == []
    row = Proxy.objects.get()
    assert secrets.open_sealed(row.sealed_url, place="proxy:berlin").endswith("@proxy.example.com:1080")


def test_a_renamed_one_keeps_its_keys_and_still_opens(operator: Actor, add_key: AddKey) -> None:
    added(operator)
    add_key("a", proxy="berlin")
    providers.set_proxy(name="berlin", changes={"name": "potsdam"}, actor=operator, now=NOW)
    [line] = queries.proxies(NOW)
    assert (line.name, line.keys) == ("potsdam", ("a",))
    assert providers.unopened_secrets() == []
    with pytest.raises(providers.UnknownProxy):
        providers.set_proxy(name="berlin", changes={"name": "bonn"}, actor=operator, now=NOW)


def test_a_name_that_is_taken_and_a_malformed_address_change_nothing(operator: Actor) -> None:
    added(operator)
    added(operator, name="potsdam")
    before = list(Proxy.objects.order_by("id").values())
    with pytest.raises(providers.ProxyExists):
        providers.set_proxy(name="berlin", changes={"name": "potsdam"}, actor=operator, now=NOW)
    with pytest.raises(providers.BadProxy):
        providers.set_proxy(name="berlin", changes={"url": "ftp://x"}, actor=operator, now=NOW)
    assert list(Proxy.objects.order_by("id").values()) == before


def test_a_new_address_is_audited_without_its_credentials(operator: Actor) -> None:
    added(operator)
    changes: providers.ProxyChanges = {"url": "http://ann:n3w@elsewhere.example.com:80", "is_required": True}
    providers.set_proxy(name="berlin", changes=changes, reason="moved", actor=operator, now=NOW)
    entry = AuditEntry.objects.get(action="proxy.changed")
    assert entry.after == {
        "name": "berlin",
        "address": "http://elsewhere.example.com:80",
        "required": True,
        "credentials": "given anew",
    }
    assert entry.reason == "moved"
