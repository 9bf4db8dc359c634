"""Every setting that comes from outside (docs: .env.example), read once, typed, checked.

Raises `SettingError`, one line that names the setting.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from nproxy.config import reading
from nproxy.config.reading import PREFIX, SettingError
from nproxy.kit import demo_addresses

__all__ = ["Environment", "SettingError", "current", "read"]

T = TypeVar("T")


def setting(parse: Callable[[str], T], default: str = "", *, secret: bool = False) -> T:
    """One variable: how its text is read, and the text that stands for unset ("": see the next function)."""
    return cast("T", field(repr=not secret, metadata={"parse": parse, "default": default, "secret": secret}))


def optional(parse: Callable[[str], T], unset: T, *, secret: bool = False) -> T:
    """One variable that has no text when unset, but the value `unset`."""
    return cast("T", field(repr=not secret, metadata={"parse": parse, "unset": unset, "secret": secret}))


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The field `base_url` is the variable `NPROXY_BASE_URL`, and so on; secrets have a `_FILE` form too."""

    env: str = setting(reading.choice("development", "staging", "production"), "development")
    data_dir: Path = setting(reading.path, "var")
    database_url: str = optional(reading.database_url, "", secret=True)  # "": embedded
    database_password: str = optional(reading.text, "", secret=True)
    static_dir: Path | None = optional(reading.path, None)  # None: collected at the start of web
    base_url: str = setting(reading.web_url, "http://localhost:8000")
    secret_key: str = optional(reading.secret_key, "", secret=True)  # "": generated once
    encryption_keys: tuple[bytes, ...] = optional(
        reading.encryption_keys, (), secret=True
    )  # (): generated once
    trusted_proxies: int = setting(reading.whole(0, 10), "0")
    log_format: str = setting(reading.choice("console", "json"), "console")
    sentry_dsn: str = optional(reading.text, "", secret=True)
    metrics_token: str = optional(reading.text, "", secret=True)

    storage_url: str = setting(reading.storage_url, "file:")
    s3_endpoint: str = optional(reading.web_url, "")
    s3_region: str = setting(reading.text, "us-east-1")
    s3_access_key: str = optional(reading.text, "", secret=True)
    s3_secret_key: str = optional(reading.text, "", secret=True)
    retention_days: int | None = optional(reading.whole(1, 36500), None)
    backup_schedule: str = optional(reading.cron, "")
    backup_keep: int = setting(reading.whole(1, 1000), "7")
    backup_target: str = optional(reading.text, "")

    email_url: str = setting(reading.email_url, "file:", secret=True)
    email_from: str = optional(reading.email_address, "")  # "": nproxy@ the host of base_url
    quiet_hours: tuple[int, int] | None = optional(reading.hours, None)
    summary_hour: int = setting(reading.whole(0, 23), "9")
    timezone: str = setting(reading.timezone, "UTC")

    gemini_base_url: str = setting(reading.web_url, "https://generativelanguage.googleapis.com")
    gemini_model: str = setting(reading.text, "gemini-nano-banana-2.1")
    openrouter_base_url: str = setting(reading.web_url, "https://openrouter.ai/api/v1")
    openrouter_model: str = setting(reading.text, "google/gemini-nano-banana-2.1")
    worker_concurrency: int = setting(reading.whole(1, 2000), "200")
    cooldown_seconds: float = setting(reading.seconds, "300")
    max_failures: int = setting(reading.whole(1, 1000), "10")
    connect_timeout: float = setting(reading.seconds, "10")
    read_timeout: float = setting(reading.seconds, "180")
    read_timeout_4k: float = setting(reading.seconds, "300")
    max_pending_per_user: int = setting(reading.whole(1, 1000), "8")

    nowpayments_api_key: str = optional(reading.text, "", secret=True)
    nowpayments_ipn_secret: tuple[str, ...] = optional(reading.one_or_two, (), secret=True)
    nowpayments_base_url: str = setting(reading.web_url, "https://api.nowpayments.io/v1")
    nowpayments_coins: tuple[str, ...] = optional(reading.words, ())
    nowpayments_payout_coin: str = optional(reading.text, "")
    nowpayments_spacing: float = setting(reading.seconds, "1")
    payment_tolerance: Decimal = setting(reading.fraction, "0.01")
    telegram_token: str = optional(reading.text, "", secret=True)
    telegram_api_url: str = setting(reading.web_url, "https://api.telegram.org")

    @property
    def is_hardened(self) -> bool:
        """Production, or staging, which differs from it only by letting the sandbox in."""
        return self.env != "development"

    @property
    def secrets(self) -> list[str]:
        """What must not be seen anywhere. Addresses with a password in them are not among these: logs know their form."""
        values = [getattr(self, each.name) for each in dataclasses.fields(self) if each.metadata["secret"]]
        words = [word for value in values for word in (value if isinstance(value, tuple) else (value,))]
        return [word for word in words if isinstance(word, str) and word and "://" not in word]

    @property
    def host(self) -> str:
        """The name under which people reach the site."""
        return urlsplit(self.base_url).hostname or ""


def read(environ: Mapping[str, str], *, directory: Path) -> Environment:
    """The settings in `environ`, completed from `.env` in `directory` (`NPROXY_ENV_FILE` names another file).

    In development, what both leave open comes from the demo that runs on the same data directory, if one
    does: a command beside it must find the sandbox, not the provider.
    Raises SettingError for the first one that is missing, malformed or does not fit the others.
    """
    name = environ.get("NPROXY_ENV_FILE", ".env")
    everything = {**reading.dotenv(directory / name), **environ} if name else environ
    environment = _typed(everything)
    if not environment.is_hardened and (demo := demo_addresses.running(environment.data_dir)):
        open_ones = {name: value for name, value in demo.items() if not everything.get(name, "").strip()}
        environment = _typed({**everything, **open_ones})
    _check_together(environment)
    return environment


def _typed(everything: Mapping[str, str]) -> Environment:
    values: dict[str, Any] = {each.name: _value(everything, each) for each in dataclasses.fields(Environment)}
    return Environment(**values)


def current() -> Environment:
    """The settings of this process."""
    return read(os.environ, directory=Path.cwd())


def variable(name: str) -> str:
    """The environment variable of the field `name`."""
    return PREFIX + name.upper()


def _value(environ: Mapping[str, str], each: dataclasses.Field[Any]) -> object:
    name, secret = variable(each.name), each.metadata["secret"]
    given = reading.lookup(environ, name, secret=secret) or each.metadata.get("default", "")
    if not given:
        return each.metadata["unset"]
    return reading.parsed(name, given, each.metadata["parse"], secret=secret)


def _check_together(environment: Environment) -> None:
    if environment.storage_url.startswith("s3:"):
        _require(
            environment, "s3_access_key", "s3_secret_key", because="NPROXY_STORAGE_URL is an s3:// address"
        )
    if environment.env == "production":
        _require(environment, "secret_key", "encryption_keys", because="NPROXY_ENV is production")
        for name in (
            "base_url",
            "gemini_base_url",
            "openrouter_base_url",
            "nowpayments_base_url",
            "telegram_api_url",
        ):
            _refuse_sandbox(variable(name), getattr(environment, name))
        if environment.email_url.startswith("file:"):
            raise SettingError("NPROXY_EMAIL_URL is required when NPROXY_ENV is production: smtp://…")


def _require(environment: Environment, *names: str, because: str) -> None:
    for name in names:
        if not getattr(environment, name):
            raise SettingError(f"{variable(name)} is required when {because}")


def _refuse_sandbox(name: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" or _is_local(parts.hostname or ""):
        raise SettingError(
            f"{name} must be a public https:// address when NPROXY_ENV is production, not {address!r}"
        )


def _is_local(host: str) -> bool:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return number.is_loopback or number.is_unspecified
