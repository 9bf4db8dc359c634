"""The checks of `nproxy doctor`: each a function that says what it found, or raises what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.core import mail
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from nproxy.assets import actions as assets
from nproxy.audit.rules import Actor
from nproxy.backups import queries as backups
from nproxy.billing import actions as billing
from nproxy.billing import queries as money
from nproxy.cli.door import actor
from nproxy.kit import presence, queue
from nproxy.kit.secrets import SealBroken, WrongEncryptionKey
from nproxy.notifications import queries as news
from nproxy.providers import actions as providers
from nproxy.providers import queries as pool
from nproxy.providers.queries import KeyLine
from nproxy.telegram import queries as telegram
from nproxy.telegram.queries import BotView

T = TypeVar("T")

SECONDS = 8
OLDEST_POSTGRES = 150_000
BOT_SILENT = timedelta(minutes=2)
# What is not critical waits for the end of the quiet hours.
UNHEARD, UNHEARD_CRITICAL = timedelta(hours=16), timedelta(minutes=10)


class Unwell(Exception):
    """A check's finding, in words."""


@dataclass(frozen=True)
class Finding:
    check: str
    is_ok: bool
    says: str


def findings() -> list[Finding]:
    """Every check, side by side, none for longer than `SECONDS`."""
    executor = ThreadPoolExecutor(len(CHECKS) + 1)
    try:
        running = {name: executor.submit(_in_thread, check) for name, check in CHECKS.items()}
        keys = executor.submit(_in_thread, _keys)
        found = [_finding(name, future) for name, future in running.items()]
        return found + (_keys_of(keys) or [Finding("keys", False, "none in service: run `nproxy keys add`")])
    finally:
        # One that hangs is left behind; the process ends without it.
        executor.shutdown(wait=False, cancel_futures=True)


def _in_thread(check: Callable[[], T]) -> T:
    try:
        return check()
    finally:
        connection.close()


def _finding(name: str, future: Future[str]) -> Finding:
    try:
        return Finding(name, True, future.result(SECONDS))
    except TooLate:
        return Finding(name, False, f"no answer within {SECONDS} s")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return Finding(name, False, _words(error))


def _keys_of(future: Future[list[Finding]]) -> list[Finding]:
    try:
        return future.result(SECONDS + 1)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return [Finding("keys", False, _words(error))]


def _words(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _settings() -> str:
    return f"{settings.NPROXY_ENV}, {settings.NPROXY_BASE_URL}, data in {settings.NPROXY_DATA_DIR}"


def _database() -> str:
    connection.ensure_connection()
    version: int = connection.connection.info.server_version
    if version < OLDEST_POSTGRES:
        raise Unwell(f"PostgreSQL {version // 10_000} is too old: 15 is the least")
    kind = "the one you set" if settings.NPROXY_DATABASE_URL else "embedded"
    return f"PostgreSQL {version // 10_000}.{version % 10_000}, {kind}"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise Unwell(f"{len(missing)} not applied: run `nproxy migrate`")
    return "all applied"


def _store() -> str:
    assets.check_store()
    if not assets.has_room():
        raise Unwell(f"{settings.NPROXY_STORAGE_URL}: less than 2 GB are left")
    return f"{settings.NPROXY_STORAGE_URL} writes, reads and deletes"


def _secrets() -> str:
    closed = providers.unopened_secrets()
    if closed:
        raise Unwell("; ".join(closed))
    return "all that is stored opens with the present encryption keys"


def _mail() -> str:
    with mail.get_connection():  # an SMTP server is greeted and logged in to
        if settings.NPROXY_EMAIL_URL.startswith("file:"):
            return "as files under the data directory"
        return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} lets us in"


def _processor() -> str:
    """Whether the payment processor answers, knows our key and takes our coins, and its callbacks can be verified."""
    missing = money.missing_settings()
    if len(missing) == len(money.NEEDED_SETTINGS):
        return "not set up: checkout says that paying is not available yet"
    if missing:
        raise Unwell(f"set up by half, so nobody can pay: {', '.join(missing)} is not set")
    takes, lacks = asyncio.run(billing.check_processor())
    if not takes:
        raise Unwell(f"takes none of NPROXY_NOWPAYMENTS_COINS: {', '.join(lacks)}")
    not_now = f"; not now: {', '.join(lacks)}" if lacks else ""
    secrets = (
        "two callback secrets are"
        if len(settings.NPROXY_NOWPAYMENTS_IPN_SECRET) > 1
        else "callback secret is"
    )
    return f"answers, and takes {', '.join(takes)}{not_now}; the {secrets} set"


def _telegram() -> str:
    """Whether operators hear of trouble: the bot's sign of life, and alerts that have reached nobody."""
    now, unsent = timezone.now(), news.unsent()
    if not settings.NPROXY_TELEGRAM_TOKEN:
        return f"no token: {unsent.count} alerts are in the web admin only"
    bot = speaking_bot(now)
    if bot is None:
        raise Unwell("the bot gives no sign of life: run `nproxy bot`")
    if not telegram.admins():
        return f"@{bot.username} speaks, and nobody is paired: send it /start, then `nproxy pair CODE`"
    if _waits(unsent.oldest, UNHEARD, now) or _waits(unsent.oldest_critical, UNHEARD_CRITICAL, now):
        error = telegram.outbox().last_error
        raise Unwell(f"{unsent.count} alerts have reached nobody: see the web admin. {error}".strip())
    return f"@{bot.username} speaks to {len(telegram.admins())}"


def _workers() -> str:
    """Whether anybody draws, mails and sweeps. One that has left in order is missed once its timetable is late."""
    now, tick = timezone.now(), queue.last_tick()
    found = [one for one in presence.processes(now) if one.kind == "worker"]
    alive, silent = [one for one in found if one.is_alive], [one for one in found if not one.is_alive]
    is_late = tick is not None and now - tick > queue.LATE_AFTER
    if not alive and (silent or is_late):
        last = max([one.seen_at for one in silent] or [tick or now])
        raise Unwell(f"no sign of life since {last:%Y-%m-%d %H:%M} UTC: run `nproxy worker`")
    if not alive:
        return "none runs now; without `nproxy worker` nothing is drawn and no mail is sent"
    if is_late:
        raise Unwell(f"{len(alive)} alive, but the timetable has run nothing since {tick:%Y-%m-%d %H:%M} UTC")
    return f"{len(alive)} alive" + (f"; {len(silent)} fell silent within the last day" if silent else "")


def _backups() -> str:
    last = backups.last_whole()
    newest = f"the newest whole one began {last:%Y-%m-%d %H:%M} UTC" if last else "there is none yet"
    if backups.is_late(timezone.now()):
        raise Unwell(f"late: {newest}. See `nproxy backup list`")
    return newest if settings.NPROXY_BACKUP_SCHEDULE else f"no NPROXY_BACKUP_SCHEDULE is set; {newest}"


def speaking_bot(now: datetime) -> BotView | None:
    """The bot, when it gave a sign of life lately."""
    bot = telegram.bot()
    return bot if bot and now - bot.seen_at <= BOT_SILENT else None


def _waits(oldest: datetime | None, limit: timedelta, now: datetime) -> bool:
    return oldest is not None and now - oldest > limit


def _keys() -> list[Finding]:
    now = timezone.now()
    lines = [line for line in pool.keys(now) if line.status != "disabled"]
    return asyncio.run(_each(lines, actor(), now))


async def _each(lines: list[KeyLine], who: Actor, now: datetime) -> list[Finding]:
    return list(await asyncio.gather(*(_key(line, who, now) for line in lines)))


async def _key(line: KeyLine, who: Actor, now: datetime) -> Finding:
    name = f"key {line.id} ({line.label})"
    try:
        async with asyncio.timeout(SECONDS):
            test = await providers.test_key(key_id=line.id, actor=who, now=now)
    except (TimeoutError, WrongEncryptionKey, SealBroken) as error:
        return Finding(name, False, str(error) or f"no answer within {SECONDS} s")
    if not test.is_ok:
        return Finding(name, False, f"{test.verdict.value}. {test.detail}")
    return Finding(name, True, f"sees the model, {test.seconds:.1f} s")


CHECKS: dict[str, Callable[[], str]] = {
    "settings": _settings,
    "database": _database,
    "migrations": _migrations,
    "store": _store,
    "mail": _mail,
    "secrets": _secrets,
    "processor": _processor,
    "telegram": _telegram,
    "workers": _workers,
    "backups": _backups,
}
