"""Backups by the clock: recorded, dropped when old, told when they fail or do not come; deletes wait for them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from tests.rooms.assets import pictures

from nproxy.accounts.models import User
from nproxy.assets import actions as assets
from nproxy.assets import run as chores
from nproxy.assets.rules import RESTORABLE
from nproxy.backups import actions as backups
from nproxy.backups import queries
from nproxy.backups.models import BackupRun
from nproxy.kit import locks
from nproxy.notifications.models import Alert

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def target(settings: Settings, tmp_path: Path) -> Path:
    settings.NPROXY_BACKUP_TARGET = str(tmp_path / "backups")
    settings.NPROXY_BACKUP_SCHEDULE = "30 3 * * *"
    settings.NPROXY_BACKUP_KEEP = 2
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path}/files"
    cache.clear()
    return tmp_path / "backups"


def alerts(kind: str) -> int:
    return Alert.objects.filter(kind=kind).count()


def test_the_oldest_go_when_a_new_one_is_whole(target: Path) -> None:
    for hour in range(3):
        moment = NOW + timedelta(hours=hour)
        backups.create_at_target(clock=lambda moment=moment: moment)
    names = sorted(path.name for path in target.iterdir())
    assert names == ["nproxy-20261126T130000Z.nproxy.tar", "nproxy-20261126T140000Z.nproxy.tar"]
    assert [line.state for line in queries.runs()] == ["ok"] * 3
    header, manifest = backups.inspect(location=str(target / names[0]))
    assert header.made_at == NOW + timedelta(hours=1)
    assert manifest.rows["accounts_user"] == 0


def test_a_backup_that_fails_is_recorded_told_and_leaves_nothing_half(target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    target.write_text("a file where the folder should be")
    with pytest.raises(backups.BackupFailed, match="exists"):
        backups.create_at_target(clock=timezone.now)
    [run] = queries.runs()
    assert run.state == "failed"
    assert run.error
    assert alerts("backup.failed") == 1


def test_one_that_does_not_come_is_told_once_a_day(target: Path) -> None:
    User.objects.create_user("early@example.com", created_at=NOW - timedelta(days=3))
    backups.watch(now=NOW)
    backups.watch(now=NOW + timedelta(hours=1))
    assert alerts("backup.late") == 1
    cache.clear()
    backups.create_at_target(clock=lambda: NOW + timedelta(hours=2))
    backups.watch(now=NOW + timedelta(hours=3))
    assert alerts("backup.late") == 1


def test_one_whose_process_died_is_closed_and_told() -> None:
    BackupRun.objects.create(started_at=NOW, location="/gone")
    backups.watch(now=NOW + timedelta(hours=1))
    [run] = queries.runs()
    assert (run.state, run.error) == ("failed", "the process that made it ended")
    assert alerts("backup.failed") == 1


def test_while_one_is_made_another_is_refused_and_nothing_is_closed() -> None:
    with _elsewhere(backups.LOCK):
        BackupRun.objects.create(started_at=NOW, location="/being-made")
        backups.watch(now=NOW)
        with pytest.raises(backups.AlreadyRunning):
            backups.create_at_target(clock=timezone.now)
    assert [line.state for line in queries.runs()] == ["running"]


def test_no_file_goes_while_a_backup_copies_them(photo_of: str) -> None:
    with _elsewhere(chores.DELETES):
        with pytest.raises(chores.DeletesPaused):
            chores._delete([photo_of])
        assert assets.sweep_orphans(now=timezone.now() + timedelta(days=3), used=lambda ids: set()) == (0, 0)
    chores._delete([photo_of])
    assert chores.store.configured().free_bytes() is not None


def test_what_can_still_be_had_back_is_in_the_backup_with_its_file(target: Path) -> None:
    person = User.objects.create_user("ada@example.com").pk
    image = assets.accept_upload(user_id=person, data=pictures.jpeg(), now=NOW).id
    assets.discard([image], NOW)
    for age in (timedelta(0), RESTORABLE - timedelta(seconds=1), RESTORABLE):
        backups.create_at_target(clock=lambda age=age: NOW + age)
    kept = [line.files for line in reversed(queries.runs())]
    assert kept == [1, 1, 0]


@pytest.fixture
def photo_of() -> str:
    path = "ab/00000000-0000-0000-0000-00000000abab/original.png"
    chores.store.configured().put(path, b"x")
    return path


class _elsewhere:  # noqa: N801 - reads as the verb that it is
    """The lock is kept by another connection."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kept, self.done = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self.thread = threading.Thread(target=self._keep)
        self.thread.start()
        assert self.kept.wait(60)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def _keep(self) -> None:
        with locks.kept(self.name) as is_ours:
            assert is_ours
            self.kept.set()
            self.done.wait(30)
        connection.close()
