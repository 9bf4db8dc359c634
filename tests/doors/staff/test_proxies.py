"""Proxies: shown without their passwords, renamed and replaced while keys use them."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import Settings
from tests.doors.staff.seats import Seat, address, recorded

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import SYSTEM
from nproxy.kit import secrets
from nproxy.providers import actions as providers
from nproxy.providers.models import ProviderKey, Proxy

URL = "socks5://ann:very-secret@proxy.example.com:1080"


@pytest.fixture
def berlin(db: None) -> Proxy:
    now = timezone.now()
    pk = providers.add_proxy(name="berlin", url=URL, is_required=False, actor=SYSTEM, now=now)
    providers.add_key(
        provider="gemini", label="main", secret="AQ.sandbox-ok-1", proxy="berlin", actor=SYSTEM, now=now
    )
    return Proxy.objects.get(pk=pk)


def opened(proxy: Proxy) -> str:
    """The whole address that is sealed in the row now."""
    row = Proxy.objects.get(pk=proxy.pk)
    return secrets.open_sealed(bytes(row.sealed_url), place=f"proxy:{row.name}")


def test_health_keys_and_no_password_are_shown(operator: Seat, viewer: Seat, berlin: Proxy) -> None:
    Proxy.objects.filter(pk=berlin.pk).update(
        failures=3, skipped_at=timezone.now(), last_error="the proxy refused (before sending)"
    )
    for seat in (operator, viewer):
        for page in (seat.opens(address(Proxy)), seat.opens(address(Proxy, berlin.pk))):
            assert "skipped" in page
            assert "the proxy refused" in page
            assert "main" in page
            assert "very-secret" not in page


def test_one_is_added_and_what_is_malformed_is_refused_in_words_and_not_echoed(operator: Seat) -> None:
    act = address(Proxy, act="add_proxy")
    wrong = operator.acts(act, name="berlin", url="ftp://ann:very-secret@x").content.decode()
    assert "socks5://" in wrong
    assert "very-secret" not in wrong
    assert not Proxy.objects.exists()
    assert "berlin is known." in operator.acts(act, name="berlin", url=URL, is_required="on").content.decode()
    assert Proxy.objects.get().is_required
    assert "exists already" in operator.acts(act, name="berlin", url=URL).content.decode()


def test_a_renamed_one_keeps_its_keys_and_its_address_opens(operator: Seat, berlin: Proxy) -> None:
    operator.acts(address(Proxy, berlin.pk, "rename"), name="potsdam")
    assert ProviderKey.objects.get().proxy == Proxy.objects.get(name="potsdam")
    assert opened(berlin) == URL
    entry = recorded("proxy", berlin.pk)[0]
    assert entry.action == "proxy.changed"
    assert (entry.before or {})["name"] == "berlin"


@pytest.mark.django_db(transaction=True)  # the knock goes by another thread
def test_an_address_that_reaches_no_provider_replaces_nothing_unless_told_to(
    operator: Seat, berlin: Proxy, settings: Settings
) -> None:
    settings.NPROXY_GEMINI_BASE_URL = settings.NPROXY_OPENROUTER_BASE_URL = "https://127.0.0.1:1"
    act, dead = address(Proxy, berlin.pk, "replace"), "http://ann:new-secret@127.0.0.1:1"
    page = operator.acts(act, url=dead, reason="moved").content.decode()
    assert "Not replaced, no provider is reached by it." in page
    assert opened(berlin) == URL
    page = operator.acts(act, url=dead, untested="on", reason="moved").content.decode()
    assert "new-secret" not in page
    assert opened(berlin) == dead
    assert "new-secret" not in str(list(AuditEntry.objects.values()))


@pytest.mark.django_db(transaction=True)  # the knock goes by another thread
def test_a_test_says_what_each_provider_answers_and_is_on_record(operator: Seat, settings: Settings) -> None:
    settings.NPROXY_GEMINI_BASE_URL = settings.NPROXY_OPENROUTER_BASE_URL = "https://127.0.0.1:1"
    dead = "http://ann:very-secret@127.0.0.1:1"
    pk = providers.add_proxy(name="dead", url=dead, is_required=False, actor=SYSTEM, now=timezone.now())
    page = operator.acts(address(Proxy, pk, "test")).content.decode()
    assert "gemini: " in page
    entry = recorded("proxy", pk)[0]
    assert (entry.action, entry.actor_name) == ("proxy.tested", operator.user.email)
    assert set(entry.after or {}) == {"gemini", "openrouter"}
    assert "very-secret" not in str(entry)


def test_one_that_keys_use_is_not_removed(operator: Seat, berlin: Proxy) -> None:
    page = operator.acts(address(Proxy, berlin.pk, "remove"), reason="gone").content.decode()
    assert "keys go out by it: main" in page
    assert Proxy.objects.filter(pk=berlin.pk).exists()


def test_requiring_it_is_said_before_and_done(operator: Seat, berlin: Proxy) -> None:
    act = address(Proxy, berlin.pk, "require")
    assert "It is not required now" in operator.opens(act)
    operator.acts(act, reason="nothing may leave directly")
    assert Proxy.objects.get(pk=berlin.pk).is_required


@pytest.mark.parametrize("act", ["rename", "replace", "require", "test", "remove"])
def test_a_viewer_acts_on_no_proxy_by_hand(viewer: Seat, berlin: Proxy, act: str) -> None:
    forged = {"name": "mine", "url": "http://evil.example.com", "reason": "mine", "untested": "on"}
    assert viewer.client.post(address(Proxy, berlin.pk, act), forged).status_code == 403
    assert opened(berlin) == URL
    assert AuditEntry.objects.latest("pk").action == "act.refused"


def test_a_stale_page_replaces_nothing(operator: Seat, berlin: Proxy) -> None:
    act = address(Proxy, berlin.pk, "replace")
    seen = operator.sees(act)
    other = "http://elsewhere.example.com:80"
    providers.set_proxy(name="berlin", changes={"url": other}, actor=SYSTEM, now=timezone.now())
    page = operator.sends(act, seen, url=URL, untested="on", reason="mine").content.decode()
    assert "it changed since you looked" in page
    assert opened(berlin) == other
