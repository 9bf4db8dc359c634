"""Each command on a real database: what it does, what it prints, how it ends."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from click.testing import Result
from django.utils import timezone
from pytest_django import Settings

from nproxy.accounts import queries as people
from nproxy.accounts.models import User
from nproxy.audit import queries as audit
from nproxy.generations.models import Pause
from nproxy.providers import queries as pool
from nproxy.providers.models import ProviderKey
from nproxy.quota.models import Quota
from nproxy.subscriptions import queries as subscriptions

PASSWORD = "correct-horse-battery"
SECRET = "AQ.sandbox-ok-cli-test"


@pytest.fixture
def ann(run: Any) -> str:
    run("users", "create", "ann@example.com", "--verified", stdin=f"{PASSWORD}\n")
    return "ann@example.com"


@pytest.fixture
def key(run: Any) -> str:
    run("keys", "add", "--provider", "gemini", "--label", "main 1", stdin=f"{SECRET}\n")
    return str(pool.keys(timezone.now())[0].id)


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_created_account_is_there_with_its_role_and_confirmation(run: Any) -> None:
    result = run(
        "users", "create", "Ops@Example.com", "--role", "operator", "--verified", stdin=f"{PASSWORD}\n"
    )
    assert (result.exit_code, result.output) == (0, "Created ops@example.com.\n")
    found = people.find("ops@example.com")
    assert found is not None
    assert (found.role, found.verified) == ("operator", True)


def test_an_address_that_has_an_account_is_already_so(run: Any, ann: str) -> None:
    assert run("users", "create", ann, stdin=f"{PASSWORD}\n").exit_code == 4


@pytest.mark.parametrize(("email", "password"), [("nonsense", PASSWORD), ("bob@example.com", "tiny7")])
def test_a_bad_address_or_password_fails_with_words(run: Any, email: str, password: str) -> None:
    result = run("users", "create", email, stdin=f"{password}\n")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert password not in result.output


def test_an_address_that_is_too_long_fails_with_words(run: Any) -> None:
    result = run("users", "create", "a" * 300 + "@example.com", stdin=f"{PASSWORD}\n")
    assert (result.exit_code, result.output) == (1, "Error: An e-mail address has at most 254 characters.\n")


def test_a_role_can_be_given_and_taken_and_is_audited_with_who_did_it(run: Any, ann: str) -> None:
    assert run("users", "role", ann, "viewer").exit_code == 0
    assert run("users", "role", ann, "viewer").exit_code == 4
    assert run("users", "role", ann, "none").exit_code == 0
    entry = audit.entries(limit=1)[0]
    assert (entry.action, entry.actor_kind) == ("user.role_changed", "cli")
    assert entry.actor_name
    assert entry.origin


def test_a_lost_second_factor_is_taken_away_once_with_its_reason(run: Any, ann: str) -> None:
    user = User.objects.get(email=ann)
    TOTP.activate(user, generate_totp_secret())
    assert run("users", "reset-factor", ann).exit_code == 2
    result = run("users", "reset-factor", ann, "--reason", "lost the phone")
    assert (result.exit_code, result.output) == (
        0,
        f"{ann} sets up a new second factor at the next sign-in.\n",
    )
    assert not Authenticator.objects.filter(user=user).exists()
    [entry] = [each for each in audit.entries(target=("user", user.pk)) if "factor" in each.action]
    assert (entry.action, entry.actor_kind, entry.reason) == (
        "user.second_factor_taken", "cli", "lost the phone",
    )  # fmt: skip
    assert run("users", "reset-factor", ann, "--reason", "again").exit_code == 4
    assert run("users", "reset-factor", "nobody@example.com", "--reason", "r").exit_code == 3


def test_nobody_by_that_address_is_not_found(run: Any) -> None:
    assert run("users", "show", "nobody@example.com").exit_code == 3
    assert run("users", "role", "nobody@example.com", "owner").exit_code == 3
    assert run("cycles", "grant", "nobody@example.com", "--reason", "x").exit_code == 3


def test_an_account_shows_its_access(run: Any, ann: str) -> None:
    shown = printed(run("users", "show", ann, "--json"))
    assert shown["person"]["email"] == ann
    assert shown["subscription"] == {"state": "none", "ends_at": None, "quota": 0, "queued": None}
    assert "access" in run("users", "show", ann).output


def test_accounts_are_listed_for_people_and_for_programs(run: Any, ann: str) -> None:
    lines = run("users", "list").output.splitlines()
    assert lines[0].split() == ["EMAIL", "ROLE", "VERIFIED", "BLOCKED", "SINCE"]
    assert lines[1].startswith(ann)
    assert [one["email"] for one in printed(run("users", "list", "--search", "ann", "--json"))] == [ann]
    assert printed(run("users", "list", "--search", "zzz", "--json")) == []


def test_a_grant_gives_access_and_a_second_one_queues_but_no_third(run: Any, ann: str) -> None:
    grant = ("cycles", "grant", ann, "--limit", "5", "--reason", "press")
    assert run(*grant).exit_code == 0
    assert run(*grant).exit_code == 0
    assert run(*grant).exit_code == 4
    found = people.find(ann)
    assert found is not None
    assert subscriptions.subscription(found.id, timezone.now()).state == "active"


def test_a_grant_without_a_plan_asks_for_a_limit(run: Any, ann: str) -> None:
    result = run("cycles", "grant", ann, "--reason", "press")
    assert result.exit_code == 1
    assert "--limit" in result.output


def test_a_grant_without_a_reason_is_a_usage_error(run: Any, ann: str) -> None:
    assert run("cycles", "grant", ann).exit_code == 2


def test_an_extension_needs_a_cycle_and_moves_its_end(run: Any, ann: str) -> None:
    extend = ("cycles", "extend", ann, "--days", "3", "--reason", "an outage")
    assert run(*extend).exit_code == 3
    run("cycles", "grant", ann, "--limit", "5", "--reason", "press")
    found = people.find(ann)
    assert found is not None
    before = subscriptions.subscription(found.id, timezone.now()).ends_at
    assert before is not None
    assert run(*extend).exit_code == 0
    assert subscriptions.subscription(found.id, timezone.now()).ends_at == before + timedelta(days=3)


def test_everyone_is_extended_after_an_outage_and_a_repetition_changes_nothing(run: Any, ann: str) -> None:
    run("cycles", "grant", ann, "--limit", "5", "--reason", "press")
    found = people.find(ann)
    assert found is not None
    before = subscriptions.subscription(found.id, timezone.now()).ends_at
    assert before is not None
    everyone = ("cycles", "extend", "--all", "--days", "3", "--reason", "an outage")
    assert run(*everyone, stdin="n\n").exit_code == 1
    assert "Extended by 3 days: 1." in run(*everyone, stdin="y\n").output
    assert "Had these days already: 1." in run(*everyone, "--yes").output
    assert subscriptions.subscription(found.id, timezone.now()).ends_at == before + timedelta(days=3)


@pytest.mark.parametrize(
    "who", [(), ("ann@example.com", "--all"), ("ann@example.com", "--since", "2026-11-21")]
)
def test_an_extension_is_for_one_person_or_for_all(run: Any, who: tuple[str, ...]) -> None:
    assert run("cycles", "extend", *who, "--days", "3", "--reason", "an outage").exit_code == 2


def test_access_is_suspended_and_resumed_once_each(run: Any, ann: str) -> None:
    run("cycles", "grant", ann, "--limit", "5", "--reason", "press")
    suspend, resume = (("cycles", verb, ann, "--reason", "a check") for verb in ("suspend", "resume"))
    assert run(*resume).exit_code == 4
    assert "Cancelled in line: 0" in run(*suspend).output
    assert run(*suspend).exit_code == 4
    assert "active until" in run(*resume).output


def test_a_pause_is_shown_and_ended_once(run: Any, ann: str) -> None:
    unpause = ("users", "unpause", ann, "--reason", "a misunderstanding")
    assert run(*unpause).exit_code == 4
    now = timezone.now()
    user = User.objects.get(email=ann)
    Pause.objects.create(user=user, since=now, until=now + timedelta(hours=1), refusals=20)
    assert printed(run("users", "show", ann, "--json"))["paused_until"] is not None
    assert run(*unpause).output == f"{ann} may draw again.\n"
    assert run(*unpause).exit_code == 4
    assert printed(run("users", "show", ann, "--json"))["paused_until"] is None
    assert run("users", "unpause", ann).exit_code == 2


def test_the_plan_is_not_found_then_set_then_changed_in_part(run: Any) -> None:
    assert run("plan", "show").exit_code == 3
    assert run("plan", "set", "--price", "19").exit_code == 2
    assert run("plan", "set", "--name", "Studio", "--price", "19.90", "--limit", "500").exit_code == 0
    assert run("plan", "set", "--limit", "600").exit_code == 0
    assert printed(run("plan", "show", "--json")) == {
        "name": "Studio",
        "price_cents": 1990,
        "request_limit": 600,
        "sales_text": "",
    }
    assert "19.90 USD a month" in run("plan", "show").output


@pytest.mark.parametrize("price", ["free", "1.999", "-1", "NaN", "Infinity"])
def test_a_price_that_is_no_amount_of_cents_is_a_usage_error(run: Any, price: str) -> None:
    assert run("plan", "set", "--name", "Studio", f"--price={price}", "--limit", "500").exit_code == 2


def test_a_key_is_added_from_standard_input_and_its_secret_shown_nowhere(run: Any, key: str) -> None:
    listed = run("keys", "list")
    assert "main 1" in listed.output
    assert SECRET not in listed.output + run("keys", "list", "--json").output
    assert printed(run("keys", "list", "--json"))[0]["status"] == "active"


def test_the_same_label_or_secret_twice_is_already_so(run: Any, key: str) -> None:
    add = ("keys", "add", "--provider", "gemini", "--label")
    assert run(*add, "main 1", stdin="AQ.another-one-entirely\n").exit_code == 4
    assert run(*add, "main 2", stdin=f"{SECRET}\n").exit_code == 4


def test_a_malformed_secret_fails_and_is_not_repeated(run: Any) -> None:
    result = run("keys", "add", "--provider", "gemini", "--label", "main 1", stdin="with blanks\n")
    assert result.exit_code == 1
    assert "with blanks" not in result.output


def test_a_key_goes_out_of_service_and_returns_and_goes_for_good(run: Any, key: str) -> None:
    assert run("keys", "disable", key).exit_code == 0
    assert run("keys", "disable", key).exit_code == 4
    assert printed(run("keys", "list", "--json"))[0]["status"] == "disabled"
    assert run("keys", "activate", key).exit_code == 2
    assert run("keys", "activate", key, "--reason", "topped up").exit_code == 0
    assert run("keys", "activate", key, "--reason", "again").exit_code == 4
    assert run("keys", "remove", key).exit_code == 0
    assert run("keys", "remove", key).exit_code == 3


def test_a_key_is_changed_in_part_and_set_back(run: Any, key: str) -> None:
    assert run("keys", "set", key, "--max-in-flight", "3", "--low-balance", "2.50").exit_code == 0
    [line] = printed(run("keys", "list", "--json"))
    assert (line["max_in_flight"], line["low_balance_microusd"]) == (3, 2_500_000)
    assert run("keys", "set", key, "--max-in-flight", "none", "--label", "main 2").exit_code == 0
    [line] = printed(run("keys", "list", "--json"))
    assert (line["max_in_flight"], line["low_balance_microusd"], line["label"]) == (None, 2_500_000, "main 2")


@pytest.mark.parametrize(
    "options", [(), ("--max-in-flight", "0"), ("--low-balance", "much"), ("--max-per-minute", "-1")]
)
def test_a_change_of_nothing_or_to_nonsense_is_a_usage_error(
    run: Any, key: str, options: tuple[str, ...]
) -> None:
    assert run("keys", "set", key, *options).exit_code == 2


@pytest.mark.django_db(transaction=True)  # the answer comes by another thread's connection
def test_a_provider_without_balances_says_so_and_never_zero(run: Any, key: str) -> None:
    assert "not offered" in run("keys", "list").output
    result = run("keys", "balance", key)
    assert result.exit_code == 1
    assert "does not tell" in result.output
    assert run("keys", "balance", "0").exit_code == 3
    assert run("keys", "balance").exit_code == 0


def test_a_proxy_is_added_used_listed_without_its_password_and_removed(run: Any, key: str) -> None:
    url = "socks5://ann:very-secret@proxy.example.com:1080"
    assert run("proxies", "add", "berlin", url, "--required").exit_code == 0
    assert run("proxies", "add", "berlin", url).exit_code == 4
    assert run("proxies", "add", "madrid", "-", stdin="http://proxy.example.com\n").exit_code == 0
    assert run("keys", "set", key, "--proxy", "berlin").exit_code == 0
    listed = run("proxies", "list")
    assert "main 1" in listed.output
    assert "very-secret" not in listed.output + run("proxies", "list", "--json").output
    assert printed(run("proxies", "list", "--json"))[0]["is_required"] is True
    assert run("proxies", "remove", "berlin").exit_code == 1
    assert run("keys", "set", key, "--proxy", "none").exit_code == 0
    assert run("proxies", "remove", "berlin").exit_code == 0
    assert run("proxies", "remove", "berlin").exit_code == 3
    assert run("proxies", "test", "berlin").exit_code == 3


def test_a_proxy_is_renamed_and_given_another_address(run: Any) -> None:
    run("proxies", "add", "berlin", "http://proxy.example.com")
    assert run("proxies", "set", "berlin").exit_code == 2
    new = "socks5://ann:very-secret@elsewhere.example.com"
    changed = run("proxies", "set", "berlin", "--name", "bonn", "--url", "-", "--required", stdin=new)
    assert changed.exit_code == 0, changed.output
    [listed] = printed(run("proxies", "list", "--json"))
    assert (listed["name"], listed["address"]) == ("bonn", "socks5://elsewhere.example.com:1080")
    assert listed["is_required"] is True
    assert "very-secret" not in changed.output
    assert run("proxies", "set", "berlin", "--not-required").exit_code == 3
    assert run("proxies", "set", "bonn", "--url", "ftp://x").exit_code == 1


def test_a_malformed_proxy_is_refused_with_the_accepted_form_and_not_repeated(run: Any) -> None:
    result = run("proxies", "add", "berlin", "ftp://ann:very-secret@proxy.example.com")
    assert result.exit_code == 1
    assert "socks5://" in result.output
    assert "very-secret" not in result.output
    assert run("keys", "set", "1", "--proxy", "atlantis").exit_code == 3


@pytest.mark.django_db(transaction=True)  # the commands let go of their connection
def test_a_wrong_encryption_key_ends_web_and_worker_at_the_start(
    run: Any, key: str, settings: Settings
) -> None:
    settings.NPROXY_ENCRYPTION_KEYS = [b"n" * 32]
    for command in ("worker", "web"):
        result = run(command)
        assert result.exit_code == 1, result.output
        assert "NPROXY_ENCRYPTION_KEYS" in result.output


def test_secrets_are_sealed_anew(run: Any, key: str) -> None:
    result = run("secrets", "rotate")
    assert (result.exit_code, result.output[:2]) == (0, "1 ")
    entry = audit.entries(limit=1)[0]
    assert (entry.action, entry.actor_kind) == ("secrets.rotated", "cli")


def test_a_secret_that_was_altered_is_named_when_all_are_sealed_anew(run: Any, key: str) -> None:
    ProviderKey.objects.update(sealed_secret=b"altered")
    result = run("secrets", "rotate")
    assert (result.exit_code, "not a sealed secret" in result.output) == (1, True)


@pytest.mark.parametrize("command", [("inspect",), ("restore", "--yes")])
def test_a_backup_that_is_not_there_is_not_found(run: Any, tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run("backup", *command, str(tmp_path / "gone.nproxy.tar"))
    assert (result.exit_code, "no such file" in result.output) == (3, True)


def test_the_ledger_adds_up_until_someone_meddles(run: Any, ann: str) -> None:
    run("cycles", "grant", ann, "--limit", "5", "--reason", "press")
    assert run("ledger", "verify").output == "Every cycle adds up.\n"
    Quota.objects.update(used=2)
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert "QUOTA" in result.output
    assert len(json.loads(run("ledger", "verify", "--json").stdout)) == 1
