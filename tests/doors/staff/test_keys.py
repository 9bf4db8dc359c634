"""The pool's page: what it shows of keys, what can be done to them, and what is refused."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib import admin
from django.utils import timezone
from pytest_django import Settings
from tests.doors.staff.seats import Seat, address, recorded

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import SYSTEM, Actor
from nproxy.providers import actions as providers
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.staff import asking
from nproxy.staff.acts import Refused
from nproxy.staff.pool import key_acts
from nproxy_sandbox.testing import Running, running_gemini

MakeKey = Callable[..., ProviderKey]
SECRET = "AQ.sandbox-ok-{}-of-a-test"


@pytest.fixture
def make_key(db: None) -> MakeKey:
    def make(label: str, *, fault: str = "ok", **facts: str) -> ProviderKey:
        secret = f"AQ.sandbox-{fault}-{label}-of-a-test"
        given = {"provider": "gemini", "label": label, "secret": secret} | facts
        return ProviderKey.objects.get(pk=providers.add_key(**given, actor=SYSTEM, now=timezone.now()))

    return make


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Running]:
    with running_gemini(flat_bytes=60_000) as running:
        yield running


@pytest.fixture
def gemini(stand_in: Running, settings: Settings) -> Running:
    stand_in.control.reset()
    settings.NPROXY_GEMINI_BASE_URL = stand_in.base_url
    return stand_in


def attempted(key: ProviderKey, verdict: str, seconds: float = 1.0, detail: str = "") -> None:
    now = timezone.now()
    Attempt.objects.create(
        work=uuid4(),
        key=key,
        provider=key.provider,
        started_at=now - timedelta(seconds=seconds),
        finished_at=now,
        verdict=verdict,
        detail=detail,
    )


def state_of(key: ProviderKey) -> str:
    return ProviderKey.objects.get(pk=key.pk).state


def test_the_list_says_of_each_key_how_it_is_and_why(operator: Seat, make_key: MakeKey) -> None:
    well, cooling, out = make_key("well"), make_key("cooling"), make_key("broke", account="acme")
    for seconds in (1, 2, 9):
        attempted(well, "success", seconds)
    attempted(cooling, "retryable", detail="INTERNAL: An internal error has occurred")
    now = timezone.now()
    ProviderKey.objects.filter(pk=cooling.pk).update(
        cooldown_since=now, cooldown_until=now + timedelta(seconds=290), failures=1, state_reason="INTERNAL"
    )
    ProviderKey.objects.filter(pk=out.pk).update(state="out_of_funds", state_reason="credits are depleted")
    page = operator.opens(address(ProviderKey))
    for words in ("active", "cooldown", "out_of_funds", "credits are depleted", "3 / 3", "2.0 s", "acme"):
        assert words in page, words
    assert "An internal error has occurred" in page
    assert "data-until=" in page
    assert "not offered" in page
    assert "••••test" in page


def test_no_page_shows_a_secret_or_what_it_is_sealed_in(
    operator: Seat, viewer: Seat, make_key: MakeKey
) -> None:
    key = make_key("main")
    for seat in (operator, viewer):
        pages = seat.opens(address(ProviderKey)) + seat.opens(address(ProviderKey, key.pk))
        assert "sandbox-ok-main" not in pages
        assert key.fingerprint not in pages


def test_many_keys_are_pasted_and_added_with_one_form(operator: Seat) -> None:
    pasted = f"{SECRET.format(1)}\nspare, {SECRET.format(2)}\n{SECRET.format(3)}"
    page = operator.acts(
        address(ProviderKey, act="add_keys"), provider="gemini", label="main", secrets=pasted, account="acme"
    ).content.decode()
    assert "3 keys added." in page
    found = ProviderKey.objects.order_by("id").values_list("label", "account")
    assert list(found) == [("main 1", "acme"), ("spare", "acme"), ("main 2", "acme")]
    assert AuditEntry.objects.filter(action="key.added", actor_name=operator.user.email).count() == 3


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        (f"{SECRET.format(1)}\nshort", "Line 2: a key is 8 to 512"),
        (f"{SECRET.format(1)}\n{SECRET.format(1)}", "Line 2: this key is already in the pool"),
        (f"taken, {SECRET.format(1)}\n{SECRET.format(2)}", "Line 1: a key labelled &#x27;taken&#x27; exists"),
        (f"{SECRET.format(1)}\nspare,", "Line 2 has no key."),
    ],
)
def test_of_many_keys_all_are_added_or_none_and_none_is_echoed(
    operator: Seat, make_key: MakeKey, pasted: str, words: str
) -> None:
    make_key("taken", fault="internal")
    page = operator.acts(
        address(ProviderKey, act="add_keys"), provider="gemini", label="main", secrets=pasted
    ).content.decode()
    assert words in page
    assert ProviderKey.objects.count() == 1
    assert "sandbox-ok" not in page


def test_a_key_is_returned_to_service_with_a_reason_once(operator: Seat, make_key: MakeKey) -> None:
    key = make_key("main")
    ProviderKey.objects.filter(pk=key.pk).update(state="manual_review", failures=11)
    act = address(ProviderKey, key.pk, "return")
    assert "This field is required" in operator.acts(act).content.decode()
    assert "main is in service." in operator.acts(act, reason="replaced at Google").content.decode()
    assert state_of(key) == "active"
    assert recorded("key", key.pk)[0].reason == "replaced at Google"
    assert "/act/return/" not in operator.opens(address(ProviderKey, key.pk)), "nothing to return from"
    assert "It is in service already." in operator.acts(act, reason="again").content.decode()


def test_the_last_healthy_key_is_not_disabled_without_typing_its_label(
    operator: Seat, make_key: MakeKey
) -> None:
    last, broken = make_key("main"), make_key("broken")
    ProviderKey.objects.filter(pk=broken.pk).update(state="out_of_funds")
    act = address(ProviderKey, last.pk, "disable")
    assert "type main" in operator.opens(act)
    for typed in ("", "Main", "broken"):
        operator.acts(act, reason="rest", typed=typed)
        assert state_of(last) == "active"
    operator.acts(act, reason="rest", typed="main")
    assert state_of(last) == "disabled"


def test_one_of_several_healthy_keys_is_disabled_without_more_ado(operator: Seat, make_key: MakeKey) -> None:
    key, _ = make_key("main"), make_key("spare")
    operator.acts(address(ProviderKey, key.pk, "disable"), reason="rest")
    assert state_of(key) == "disabled"


def test_a_key_that_became_the_last_one_meanwhile_is_kept(operator: Seat, make_key: MakeKey) -> None:
    key, other = make_key("main"), make_key("spare")
    act = address(ProviderKey, key.pk, "disable")
    seen = operator.sees(act)
    providers.disable(key_id=other.pk, actor=SYSTEM, now=timezone.now())
    operator.sends(act, seen, reason="rest")
    assert state_of(key) == "active"


def test_two_operators_at_one_key_the_second_is_told_what_changed(operator: Seat, make_key: MakeKey) -> None:
    key, _ = make_key("main"), make_key("spare")
    act = address(ProviderKey, key.pk, "disable")
    seen = operator.sees(act)
    other = Actor(kind="operator", name="bea@example.com")
    providers.disable(key_id=key.pk, reason="mine", actor=other, now=timezone.now())
    page = operator.sends(act, seen, reason="also mine").content.decode()
    assert "active → disabled" in page
    assert "bea@example.com" in page
    assert recorded("key", key.pk)[0].action == "act.refused"
    assert ProviderKey.objects.get(pk=key.pk).state_reason == "mine"


def test_a_key_that_was_removed_meanwhile_is_gone_in_words(operator: Seat, make_key: MakeKey) -> None:
    key = make_key("main")
    act = address(ProviderKey, key.pk, "disable")
    seen = operator.sees(act)
    providers.remove(key_id=key.pk, actor=SYSTEM, now=timezone.now())
    assert operator.sends(act, seen, reason="rest").status_code == 404


@pytest.mark.parametrize("act", ["return", "disable", "set", "test", "draw", "balance", "remove"])
def test_a_viewer_acts_on_no_key_by_hand(viewer: Seat, make_key: MakeKey, act: str) -> None:
    key = make_key("main")
    assert f"/act/{act}/" not in viewer.opens(address(ProviderKey, key.pk))
    forged = {"reason": "mine", "typed": "main", "label": "mine"}
    assert viewer.client.post(address(ProviderKey, key.pk, act), forged).status_code == 403
    row = ProviderKey.objects.get(pk=key.pk)
    assert (row.state, row.label) == ("active", "main")
    refusal = AuditEntry.objects.latest("pk")
    assert (refusal.action, refusal.actor_name) == ("act.refused", viewer.user.email)


def test_a_viewer_adds_no_key_by_hand(viewer: Seat) -> None:
    forged = {"provider": "gemini", "label": "main", "secrets": SECRET.format(1)}
    assert viewer.client.post(address(ProviderKey, act="add_keys"), forged).status_code == 403
    assert not ProviderKey.objects.exists()


def test_what_is_changed_about_a_key_stays_in_service(operator: Seat, make_key: MakeKey) -> None:
    key = make_key("main")
    providers.add_proxy(
        name="berlin", url="http://proxy.example.com", is_required=False, actor=SYSTEM, now=timezone.now()
    )
    act = address(ProviderKey, key.pk, "set")
    operator.acts(act, label="first", account="acme", proxy="berlin", max_in_flight=4, low_balance="2.50")
    row = ProviderKey.objects.get(pk=key.pk)
    assert (row.label, row.account, row.max_in_flight, row.max_per_minute) == ("first", "acme", 4, None)
    assert (row.proxy and row.proxy.name, row.low_balance_microusd) == ("berlin", 2_500_000)
    make_key("spare")
    page = operator.acts(act, label="spare").content.decode()
    assert "a key labelled &#x27;spare&#x27; exists already" in page


def test_acts_on_many_keys_answer_for_each(operator: Seat, make_key: MakeKey) -> None:
    keys = [make_key(label) for label in ("one", "two", "three")]
    ProviderKey.objects.exclude(pk=keys[0].pk).update(state="manual_review")
    many = f"{address(ProviderKey)}act/return/?" + "&".join(f"of={key.pk}" for key in keys)
    page = operator.acts(many, reason="all replaced").content.decode()
    assert "one: It is in service already." in page
    assert "two: two is in service." in page
    assert {state_of(key) for key in keys} == {"active"}


@pytest.mark.django_db(transaction=True)  # the call goes by other threads' connections
@pytest.mark.usefixtures("gemini")
def test_keys_are_tested_from_the_page(operator: Seat, make_key: MakeKey) -> None:
    good, bad = make_key("good"), make_key("bad", fault="leaked")
    assert "It works: sees the model" in operator.acts(address(ProviderKey, good.pk, "test")).content.decode()
    drawn = operator.acts(address(ProviderKey, good.pk, "draw")).content.decode()
    assert "It works: drew" in drawn
    many = f"{address(ProviderKey)}act/test/?of={good.pk}&of={bad.pk}"
    page = operator.acts(many).content.decode()
    assert "good: It works" in page
    assert "bad: It does not work: key_rejected. PERMISSION_DENIED" in page
    assert state_of(bad) == "active", "a test changes nothing"
    tested = AuditEntry.objects.filter(action="key.tested", actor_name=operator.user.email)
    assert tested.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_does_not_answer_is_not_waited_for(
    operator: Seat, make_key: MakeKey, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key("main")
    monkeypatch.setattr(key_acts, "ASKING_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.NPROXY_GEMINI_BASE_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        page = operator.acts(address(ProviderKey, key.pk, "test")).content.decode()
    assert "It does not work: retryable. no answer within 0 s" in page
    [tested] = [each for each in recorded("key", key.pk) if each.action == "key.tested"]
    assert tested.actor_name == operator.user.email


def test_many_are_asked_at_once_and_each_has_its_own_answer(make_key: MakeKey) -> None:
    keys = [make_key(str(number)) for number in range(asking.AT_ONCE)]
    page, now = admin.site._registry[ProviderKey], timezone.now()
    seen = page.stamp(keys, now)
    ProviderKey.objects.filter(pk=keys[-1].pk).update(state="disabled")
    together = asyncio.Barrier(len(keys) - 1)

    async def meet(target: ProviderKey, data: object, *, actor: Actor, now: datetime) -> str:
        async with asyncio.timeout(30):
            await together.wait()  # passes only when all of them are inside
        if target == keys[3]:
            raise providers.UnknownKey
        return f"met {target}"

    act = replace(key_acts.TEST, perform=meet)
    outcomes = asking.ask(page, act, keys, {}, seen=seen, actor=SYSTEM, now=now)
    assert [str(each) for each in outcomes[:3]] == ["met 0", "met 1", "met 2"]
    gone, changed = outcomes[3], outcomes[-1]
    assert isinstance(gone, Refused)
    assert isinstance(changed, Refused)
    assert "active → disabled" in changed.because


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_tells_no_balance_is_not_asked(operator: Seat, make_key: MakeKey) -> None:
    key = make_key("main")
    assert "/act/balance/" not in operator.opens(address(ProviderKey, key.pk))
    page = operator.acts(address(ProviderKey, key.pk, "balance")).content.decode()
    assert "Its provider does not tell balances." in page


def test_a_keys_page_shows_its_attempts_and_leads_to_all_with_filters(
    operator: Seat, make_key: MakeKey
) -> None:
    key, other = make_key("main"), make_key("spare")
    attempted(key, "retryable", detail="of the main key")
    attempted(key, "success")
    attempted(other, "retryable", detail="of the spare key")
    page = operator.opens(address(ProviderKey, key.pk))
    assert "of the main key" in page
    assert "of the spare key" not in page
    where = f"{address(Attempt)}?key__id__exact={key.pk}"
    assert where in page
    filtered = operator.opens(f"{where}&verdict__exact=success")
    assert "of the main key" not in filtered
    assert "of the spare key" not in filtered
