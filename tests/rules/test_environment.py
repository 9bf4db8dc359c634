from __future__ import annotations

import base64
import dataclasses
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from nproxy.config import environment
from nproxy.config.database import database
from nproxy.config.environment import Environment, SettingError
from nproxy.kit import demo_addresses

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.urlsafe_b64encode(bytes([255] * 32)).decode()
PRODUCTION = {
    "NPROXY_ENV": "production",
    "NPROXY_SECRET_KEY": "s" * 40,
    "NPROXY_ENCRYPTION_KEYS": KEY,
    "NPROXY_BASE_URL": "https://pictures.example",
    "NPROXY_EMAIL_URL": "smtp://mail.example:587?tls=starttls",
}


def read(directory: Path = Path("/nowhere"), /, **given: str) -> Environment:
    return environment.read(given, directory=directory)


def refusal(**given: str) -> str:
    with pytest.raises(SettingError) as caught:
        read(**given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_has_to_be_set_in_development() -> None:
    found = read()
    assert (found.env, found.base_url, found.database_url) == ("development", "http://localhost:8000", "")
    assert found.data_dir == Path.cwd() / "var"
    assert (found.cooldown_seconds, found.max_failures, found.read_timeout, found.read_timeout_4k) == (
        300,
        10,
        180,
        300,
    )
    assert (found.worker_concurrency, found.max_pending_per_user) == (200, 8)
    assert found.gemini_base_url == "https://generativelanguage.googleapis.com"
    assert not found.is_hardened


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("data_dir", "/srv/nproxy", Path("/srv/nproxy")),
        ("base_url", "https://a.example/", "https://a.example"),
        ("database_url", "postgresql://u:p@db/n?sslmode=require", "postgresql://u:p@db/n?sslmode=require"),
        ("encryption_keys", f"{KEY}, {OTHER_KEY}", (bytes(range(32)), bytes([255] * 32))),
        ("encryption_keys", bytes(range(32)).hex(), (bytes(range(32)),)),
        ("encryption_keys", KEY.rstrip("="), (bytes(range(32)),)),
        ("trusted_proxies", "1", 1),
        ("storage_url", "s3://pictures", "s3://pictures"),
        ("email_from", "nproxy <hello@a.example>", "nproxy <hello@a.example>"),
        ("quiet_hours", "23-8", (23, 8)),
        ("timezone", "Europe/Berlin", "Europe/Berlin"),
        ("payment_tolerance", "0.02", Decimal("0.02")),
        ("cooldown_seconds", "0.5", 0.5),
        ("backup_schedule", "30 3 * * *", "30 3 * * *"),
        ("nowpayments_ipn_secret", "new,old", ("new", "old")),
        ("nowpayments_coins", "btc, usdttrc20", ("btc", "usdttrc20")),
        ("retention_days", "90", 90),
    ],
)
def test_a_value_is_read_as_what_it_means(name: str, given: str, value: object) -> None:
    extra = {"NPROXY_S3_ACCESS_KEY": "a", "NPROXY_S3_SECRET_KEY": "s"}
    assert getattr(read(**extra, **{f"NPROXY_{name.upper()}": given}), name) == value


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("NPROXY_ENV", "prod"),
        ("NPROXY_DATABASE_URL", "mysql://a/b"),
        ("NPROXY_DATABASE_URL", "postgresql://a/b?no=such"),
        ("NPROXY_BASE_URL", "a.example"),
        ("NPROXY_BASE_URL", "https://a.example:port"),
        ("NPROXY_BASE_URL", "https://user@a.example"),
        ("NPROXY_SECRET_KEY", "short"),
        ("NPROXY_ENCRYPTION_KEYS", "not base64"),
        ("NPROXY_ENCRYPTION_KEYS", base64.b64encode(b"sixteen bytes!!!").decode()),
        ("NPROXY_TRUSTED_PROXIES", "-1"),
        ("NPROXY_STORAGE_URL", "ftp://a"),
        ("NPROXY_STORAGE_URL", "s3://Bucket/path"),
        ("NPROXY_EMAIL_URL", "smtp://"),
        ("NPROXY_EMAIL_URL", "smtp://host?tls=maybe"),
        ("NPROXY_EMAIL_FROM", "nobody"),
        ("NPROXY_QUIET_HOURS", "23"),
        ("NPROXY_QUIET_HOURS", "8-8"),
        ("NPROXY_QUIET_HOURS", "24-8"),
        ("NPROXY_SUMMARY_HOUR", "24"),
        ("NPROXY_TIMEZONE", "Mars/Olympus"),
        ("NPROXY_PAYMENT_TOLERANCE", "1"),
        ("NPROXY_PAYMENT_TOLERANCE", "NaN"),
        ("NPROXY_BACKUP_SCHEDULE", "daily"),
        ("NPROXY_WORKER_CONCURRENCY", "0"),
        ("NPROXY_WORKER_CONCURRENCY", "1e3"),
        ("NPROXY_COOLDOWN_SECONDS", "0"),
        ("NPROXY_COOLDOWN_SECONDS", "five"),
        ("NPROXY_LOG_FORMAT", "xml"),
        ("NPROXY_NOWPAYMENTS_IPN_SECRET", "a,b,c"),
    ],
)
def test_a_malformed_value_is_named_in_one_line(name: str, given: str) -> None:
    assert refusal(**{name: given}).startswith(f"{name} must ")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("NPROXY_SECRET_KEY", "hunter2"),
        ("NPROXY_DATABASE_URL", "mysql://user:hunter2@host/name"),
        ("NPROXY_EMAIL_URL", "imap://user:hunter2@host"),
        ("NPROXY_ENCRYPTION_KEYS", "hunter2"),
    ],
)
def test_no_secret_is_in_an_error_or_a_repr(name: str, given: str) -> None:
    assert "hunter2" not in refusal(**{name: given})
    assert "hunter2" not in repr(read(NPROXY_TELEGRAM_TOKEN="hunter2"))


def test_empty_is_unset() -> None:
    assert read(NPROXY_BASE_URL="", NPROXY_RETENTION_DAYS=" ") == read()


@pytest.mark.parametrize("missing", ["NPROXY_SECRET_KEY", "NPROXY_ENCRYPTION_KEYS", "NPROXY_EMAIL_URL"])
def test_production_needs_what_development_makes_for_itself(missing: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    assert refusal(**given).startswith(f"{missing} is required")


@pytest.mark.parametrize(
    "name",
    [
        "NPROXY_BASE_URL",
        "NPROXY_GEMINI_BASE_URL",
        "NPROXY_OPENROUTER_BASE_URL",
        "NPROXY_NOWPAYMENTS_BASE_URL",
    ],
)
@pytest.mark.parametrize(
    "address",
    ["http://api.example", "https://localhost:9101", "https://127.0.0.1", "https://[::1]", "https://0.0.0.0"],
)
def test_production_refuses_the_sandbox_and_staging_does_not(name: str, address: str) -> None:
    assert refusal(**{**PRODUCTION, name: address}).startswith(f"{name} must be a public https:// address")
    assert read(**{**PRODUCTION, name: address, "NPROXY_ENV": "staging"}).is_hardened


def test_a_bucket_needs_its_keys() -> None:
    assert refusal(NPROXY_STORAGE_URL="s3://pictures").startswith("NPROXY_S3_ACCESS_KEY is required")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("123:abc\n")
    assert read(NPROXY_TELEGRAM_TOKEN_FILE=str(tmp_path / "token")).telegram_token == "123:abc"


def test_a_secret_in_two_places_or_in_no_file_is_refused(tmp_path: Path) -> None:
    both = refusal(NPROXY_SECRET_KEY="s" * 40, NPROXY_SECRET_KEY_FILE=str(tmp_path))
    assert both == "NPROXY_SECRET_KEY and NPROXY_SECRET_KEY_FILE are both set: keep one"
    assert refusal(NPROXY_SECRET_KEY_FILE=str(tmp_path / "none")).startswith(
        "NPROXY_SECRET_KEY_FILE: cannot read"
    )


def test_what_is_no_secret_has_no_file_form(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("staging")
    assert (
        read(NPROXY_ENV_FILE=str(tmp_path / "none"), NPROXY_LOG_FORMAT_FILE=str(tmp_path / "env")) == read()
    )


def test_dotenv_fills_in_what_the_environment_leaves_open(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# ours\n\nexport NPROXY_BASE_URL='https://a.example'\nNPROXY_MAX_FAILURES = 3 # few\n"
        'NPROXY_TELEGRAM_TOKEN="1:a # b"\nPATH=/nothing\nNPROXY_LOG_FORMAT=json\n'
    )
    found = read(tmp_path, NPROXY_LOG_FORMAT="console")
    assert (found.base_url, found.max_failures, found.log_format) == ("https://a.example", 3, "console")
    assert found.telegram_token == "1:a # b"


def test_a_broken_dotenv_line_is_named_by_its_number(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NPROXY_ENV=staging\nNPROXY_SECRET_KEY\n")
    with pytest.raises(SettingError, match=r"line 2 of .*\.env is not KEY=value"):
        read(tmp_path)


def test_another_dotenv_can_be_named_or_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NPROXY_MAX_FAILURES=3")
    (tmp_path / "other.env").write_text("NPROXY_MAX_FAILURES=4")
    assert read(tmp_path, NPROXY_ENV_FILE="other.env").max_failures == 4
    assert read(tmp_path, NPROXY_ENV_FILE="").max_failures == 10


def test_beside_a_running_demo_what_is_left_open_is_the_demos(tmp_path: Path) -> None:
    sandbox = "http://127.0.0.1:9101"
    data = {"NPROXY_DATA_DIR": str(tmp_path)}
    with demo_addresses.published(tmp_path, {"NPROXY_GEMINI_BASE_URL": sandbox}):
        assert read(**data).gemini_base_url == sandbox
        assert read(**data, NPROXY_GEMINI_BASE_URL="").gemini_base_url == sandbox
        own = read(**data, NPROXY_GEMINI_BASE_URL="https://own.example")
        assert own.gemini_base_url == "https://own.example"
        (tmp_path / ".env").write_text("NPROXY_GEMINI_BASE_URL=https://dotenv.example")
        assert read(tmp_path, **data).gemini_base_url == "https://dotenv.example"
    assert "googleapis" in read(**data).gemini_base_url
    assert not (tmp_path / "demo.env").exists()


@pytest.mark.parametrize("env", ["production", "staging"])
def test_only_development_looks_for_a_demo(tmp_path: Path, env: str) -> None:
    with demo_addresses.published(tmp_path, {"NPROXY_GEMINI_BASE_URL": "http://127.0.0.1:9101"}):
        found = read(**PRODUCTION | {"NPROXY_ENV": env, "NPROXY_DATA_DIR": str(tmp_path)})
    assert found.gemini_base_url == "https://generativelanguage.googleapis.com"


def test_a_demo_that_was_killed_says_nothing_any_more(tmp_path: Path) -> None:
    (tmp_path / "demo.env").write_text("NPROXY_GEMINI_BASE_URL=http://127.0.0.1:9101\n")
    assert "googleapis" in read(NPROXY_DATA_DIR=str(tmp_path)).gemini_base_url


def test_a_second_demo_on_the_same_directory_leaves_the_firsts_addresses(tmp_path: Path) -> None:
    with demo_addresses.published(tmp_path, {"NPROXY_BASE_URL": "http://localhost:8000"}):
        with demo_addresses.published(tmp_path, {"NPROXY_BASE_URL": "http://localhost:8001"}):
            pass
        assert read(NPROXY_DATA_DIR=str(tmp_path)).base_url == "http://localhost:8000"


def test_every_variable_is_a_django_setting_and_documented() -> None:
    documented = re.findall(r"^#? ?(NPROXY_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    names = [environment.variable(each.name) for each in dataclasses.fields(Environment)]
    assert sorted(documented) == sorted(names)
    assert [name for name in names if not hasattr(settings, name)] == []


def test_every_variable_is_read_by_what_it_promises_to_change() -> None:
    config = ROOT / "src/nproxy/config"
    handed_on = {config / "environment.py", config / "product.py"}
    text = "\n".join(
        path.read_text() for path in (ROOT / "src/nproxy").rglob("*.py") if path not in handed_on
    )
    unread = [
        each.name
        for each in dataclasses.fields(Environment)
        if not re.search(rf"\bENV\.{each.name}\b|\bsettings\.{environment.variable(each.name)}\b", text)
    ]
    assert unread == []


def test_the_settings_of_this_run_are_the_tests_own() -> None:
    assert Path(os.environ["NPROXY_DATA_DIR"]) == settings.NPROXY_DATA_DIR
    assert settings.NPROXY_ENV == "development"


def test_a_database_password_of_its_own_goes_with_an_address_that_has_none() -> None:
    assert database("postgresql://me@db/nproxy", password="sotto voce")["PASSWORD"] == "sotto voce"
    assert database("postgresql://me:loud@db/nproxy", password="sotto voce")["PASSWORD"] == "loud"
    assert "sotto" not in repr(read(NPROXY_DATABASE_PASSWORD="sotto voce"))
