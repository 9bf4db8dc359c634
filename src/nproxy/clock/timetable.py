"""All that the product does by itself, on one page. Runs in the workers, each entry one at a time.

Times are cron's, in UTC, a sixth field counts seconds. procrastinate defers every entry once
however many workers there are; `queueing_lock` keeps a slow one from piling up behind itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from nproxy.accounts import actions as accounts
from nproxy.assets import actions as assets
from nproxy.backups import actions as backups
from nproxy.billing import actions as billing
from nproxy.conversations import queries as conversations
from nproxy.generations import actions as generations
from nproxy.generations.rules import QUEUE as PICTURES
from nproxy.kit import presence
from nproxy.notifications import actions as notifications
from nproxy.providers import actions as providers
from nproxy.subscriptions import actions as subscriptions
from nproxy.telegram import actions as telegram

KEEP_DONE_HOURS = 24
KEEP_FAILED_HOURS = 24 * 30


Step = TypeVar("Step", bound=Callable[..., Any])


def every(cron: str) -> Callable[[Step], Step]:
    """Enter the function below into the timetable."""

    def enter(step: Step) -> Step:
        name = f"clock.{step.__name__}"
        task = app.task(name=name, queue="chores", queueing_lock=name)(step)
        app.periodic(cron=cron)(task)
        return step

    return enter


@every("* * * * * */15")
def recover_generations(timestamp: int) -> None:
    generations.recover(now=timezone.now())


@every("* * * * *")
def measure_pace(timestamp: int) -> None:
    generations.measure_pace(now=timezone.now())


@every("* * * * *")
def close_lost_attempts(timestamp: int) -> None:
    providers.close_lost_attempts(now=timezone.now())


@every("* * * * * */15")
async def refresh_balances(timestamp: int) -> None:
    """Every ten minutes for each key, at once for one that was just told to be out of funds."""
    await providers.refresh_due_balances(now=timezone.now())


@every("* * * * *")
async def take_up_stalled_jobs(timestamp: int) -> None:
    """Jobs in the hands of a worker that is gone. procrastinate finds them and leaves the rest to us."""
    for job in await app.job_manager.get_stalled_jobs():
        if job.queue == PICTURES:
            # The generation's own lease decides whether it runs again: recover_generations defers it anew.
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            continue
        try:
            await app.job_manager.retry_job(job, retry_at=timezone.now())
        except UniqueViolation:
            # Another one with its queueing lock waits already, and will do the same.
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)


@every("* * * * * */15")
def count_what_happened(timestamp: int) -> None:
    """Totals for the operators' pages and for metrics."""
    generations.count_ended(now=timezone.now())
    providers.count_attempts(now=timezone.now())
    billing.count_callbacks(now=timezone.now())


@every("* * * * *")
def measure_the_last_hour(timestamp: int) -> None:
    providers.refresh_standings(hours=1, now=timezone.now())


@every("* * * * *")
def measure_the_last_day(timestamp: int) -> None:
    providers.refresh_standings(hours=24, now=timezone.now())


@every("*/5 * * * *")
def measure_the_last_week(timestamp: int) -> None:
    providers.refresh_standings(hours=168, now=timezone.now())


@every("*/10 * * * *")
def measure_storage(timestamp: int) -> None:
    assets.measure_storage(now=timezone.now())


@every("17 * * * *")
async def forget_finished_jobs(timestamp: int) -> None:
    await app.job_manager.delete_old_jobs(KEEP_DONE_HOURS)
    await app.job_manager.delete_old_jobs(
        KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@every("*/5 * * * *")
def watch_disk(timestamp: int) -> None:
    assets.watch_room(now=timezone.now())


@every("* * * * * */20")
async def poll_payments(timestamp: int) -> None:
    """What callbacks miss; the processor's own answer is the truth."""
    await billing.poll_due()


@every("* * * * * */15")
def recover_payments(timestamp: int) -> None:
    billing.recover(now=timezone.now())


@every("*/5 * * * *")
def expire_orders(timestamp: int) -> None:
    billing.expire_orders(now=timezone.now())


@every("*/10 * * * *")
async def refresh_coins(timestamp: int) -> None:
    await billing.refresh_coins()


@every("51 3 * * *")
def forget_old_callbacks(timestamp: int) -> None:
    billing.forget_old_bodies(now=timezone.now())


@every("*/15 * * * *")
def send_reminders(timestamp: int) -> None:
    subscriptions.send_reminders(now=timezone.now())


@every("*/5 * * * *")
def discard_deleted(timestamp: int) -> None:
    generations.discard_deleted(now=timezone.now())


def back_up(timestamp: int) -> None:
    """At NPROXY_BACKUP_SCHEDULE; what goes wrong is told by an alert."""
    with suppress(backups.BackupFailed):
        backups.create_at_target(clock=timezone.now)


if settings.NPROXY_BACKUP_SCHEDULE:
    every(settings.NPROXY_BACKUP_SCHEDULE)(back_up)


@every("11 * * * *")
def watch_backups(timestamp: int) -> None:
    backups.watch(now=timezone.now())


@every("21 3 * * *")
def forget_old_attempts(timestamp: int) -> None:
    providers.forget_old_attempts(now=timezone.now())
    providers.forget_old_readings(now=timezone.now())


@every("* * * * *")
def gather_alerts(timestamp: int) -> None:
    """The bot does it every second; here for where none runs, so that the admin shows incidents and not a heap."""
    notifications.gather(now=timezone.now())


@every("11 3 * * *")
def forget_old_news(timestamp: int) -> None:
    notifications.forget_old_alerts(now=timezone.now())
    notifications.forget_old_mails(now=timezone.now())
    telegram.forget_old(now=timezone.now())


@every("1 4 * * *")
def delete_old_pictures(timestamp: int) -> None:
    """With NPROXY_RETENTION_DAYS; without, pictures are kept."""
    if days := settings.NPROXY_RETENTION_DAYS:
        now = timezone.now()
        generations.delete_old(ended_before=now - timedelta(days=days), now=now)


@every("31 3 * * *")
def sweep_orphans(timestamp: int) -> None:
    now = timezone.now()
    assets.sweep_orphans(now=now, used=partial(conversations.used_as_sources, now=now))


@every("37 * * * *")
def sweep_exports(timestamp: int) -> None:
    assets.sweep_exports(now=timezone.now())


@every("27 * * * *")
def forget_lost_processes(timestamp: int) -> None:
    presence.forget(now=timezone.now())


@every("41 3 * * *")
def forget_expired_sessions(timestamp: int) -> None:
    call_command("clearsessions")
    accounts.forget_ended()
