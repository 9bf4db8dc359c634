"""A backup goes to a bucket in parts, is read back from there byte for byte, and old ones go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.adapters.store.conftest import UseS3
from tests.adapters.store.swift import Swift

from nproxy.backups import actions as backups
from nproxy.backups import places, queries

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def target(s3: Swift, use_s3: UseS3, settings: Settings, tmp_path: Path) -> str:
    use_s3(s3.endpoint)
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path}/files"
    settings.NPROXY_BACKUP_TARGET = "s3://pictures/backups"
    settings.NPROXY_BACKUP_KEEP = 1
    return "s3://pictures/backups"


def test_a_backup_is_whole_in_the_bucket_and_replaces_the_one_before(target: str) -> None:
    for hour in range(2):
        moment = NOW + timedelta(hours=hour)
        backups.create_at_target(clock=lambda moment=moment: moment)
    [name] = places.place(target).names()
    assert name == "nproxy-20261126T043000Z.nproxy.tar"
    header, manifest = backups.inspect(location=f"{target}/{name}")
    assert header.made_at == NOW + timedelta(hours=1)
    assert manifest.rows["accounts_user"] == 0


def test_more_than_one_part_arrives_as_it_was_sent(target: str) -> None:
    data = bytes(range(256)) * (2 * places.PART_BYTES // 256 + 100)
    place = places.place(target)
    with place.writing("large") as sink:
        for start in range(0, len(data), 1_000_000):
            sink.write(data[start : start + 1_000_000])
    with place.reading("large") as source:
        assert source.read() == data
    place.drop("large")
    assert "large" not in place.names()


def test_a_bucket_that_refuses_fails_the_backup_in_words(settings: Settings) -> None:
    settings.NPROXY_S3_SECRET_KEY = "not the secret"
    with pytest.raises(backups.BackupFailed, match="s3://pictures/backups"):
        backups.create_at_target(clock=lambda: NOW)
    [run] = queries.runs()
    assert run.state == "failed"
    assert "not the secret" not in run.error
