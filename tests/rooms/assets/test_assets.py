"""Pictures from the bytes to the rows and back: upload, drawn, source, rendition, delete."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import connection, transaction
from pytest_django import Settings
from tests.rooms.assets import pictures
from tests.rooms.assets.pictures import encoded, opened

from nproxy.accounts.models import User
from nproxy.assets import actions, queries, rules, run
from nproxy.assets.models import Asset, Rendition
from nproxy.assets.rules import StoredImage
from nproxy.kit import tally
from nproxy.kit.ids import new_id
from nproxy.kit.threads import in_database
from nproxy.notifications.models import Alert

# Steps of async verbs run in threads with connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOST = 10_000_000


@pytest.fixture(autouse=True)
def nothing_alerted_yet() -> None:
    cache.clear()


@pytest.fixture
def person() -> int:
    return User.objects.create_user("ada@example.com").pk


@pytest.fixture
def other() -> int:
    return User.objects.create_user("bob@example.com").pk


def drawn(person: int, data: bytes) -> UUID:
    return actions.record_drawn(stored(person, data), now=NOW)


def stored(person: int, data: bytes) -> StoredImage:
    return async_to_sync(actions.store_drawn)(data, user_id=person)


def uploaded(person: int, data: bytes | None = None, now: datetime = NOW) -> UUID:
    return actions.accept_upload(user_id=person, data=data or pictures.jpeg(), now=now).id


def files_of(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that comes to nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def jobs(asset_id: UUID) -> list[str]:
    """The tasks that the queue holds for one asset (the queue outlives a test)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name FROM procrastinate_jobs WHERE args->>'asset_id' = %s", [str(asset_id)]
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_drawn_picture_is_kept_byte_for_byte_with_a_rendition_and_a_placeholder(
    person: int, files: Path
) -> None:
    data = pictures.turned(6)
    asset = Asset.objects.get(pk=drawn(person, data))
    assert (files / asset.path).read_bytes() == data
    assert (asset.media_type, asset.width, asset.height, asset.size) == ("image/jpeg", 40, 80, len(data))
    assert asset.sha256 == hashlib.sha256(data).hexdigest()
    assert asset.placeholder.startswith("data:image/webp;base64,")
    rendition = Rendition.objects.get(asset=asset, variant=640)
    assert (files / rendition.path).stat().st_size == rendition.size


def test_nothing_is_recorded_before_the_callers_transaction(person: int) -> None:
    kept = stored(person, pictures.png())
    assert not Asset.objects.exists()
    with rolled_back():
        actions.record_drawn(kept, now=NOW)
    assert not Asset.objects.exists()
    assert actions.record_drawn(kept, now=NOW) == kept.id


def test_what_is_no_picture_is_not_kept(person: int, files: Path) -> None:
    for data in (b"", b'{"error": "no"}', pictures.SVG, pictures.jpeg()[:300]):
        with pytest.raises(actions.NotAnImage):
            stored(person, data)
    assert files_of(files) == []


def test_an_upload_is_cleaned_kept_and_shown(person: int) -> None:
    view = actions.accept_upload(user_id=person, data=pictures.turned(8), now=NOW)
    asset = Asset.objects.get(pk=view.id)
    assert (view.width, view.height) == (asset.width, asset.height) == (40, 80)
    assert asset.kind == "upload"
    assert queries.pictures([view.id]) == {view.id: view}


def test_uploads_stop_when_the_disk_is_nearly_full(person: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**9))
    with pytest.raises(actions.StoreFull):
        uploaded(person)


def test_nobody_fills_the_disk_within_an_hour(
    person: int, other: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "UPLOADS_AN_HOUR", 2)
    uploaded(person)
    uploaded(person)
    with pytest.raises(actions.TooManyUploads):
        uploaded(person)
    uploaded(other)


def test_a_short_disk_is_alerted_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert actions.watch_room(now=NOW)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**9))
    assert [actions.watch_room(now=NOW) for _ in range(3)] == [False] * 3
    assert [alert.kind for alert in Alert.objects.all()] == ["assets.store_full"]


def test_only_own_live_pictures_can_be_used(person: int, other: int) -> None:
    first, second, foreign = uploaded(person), uploaded(person), uploaded(other)
    assert queries.owned(person, [second, first, second]) == [second, first, second]
    assert queries.owned(person, []) == []
    actions.discard([first], NOW)
    for ids in ([foreign], [second, foreign], [first], [new_id()]):
        with pytest.raises(queries.UnknownAsset):
            queries.owned(person, ids)


def test_an_upload_goes_to_the_provider_as_it_was_cleaned(person: int, files: Path) -> None:
    asset = Asset.objects.get(pk=uploaded(person))
    source = async_to_sync(actions.load_source)(asset.pk, max_bytes=MOST)
    assert (source.media_type, source.data) == ("image/jpeg", (files / asset.path).read_bytes())


def test_a_drawn_picture_goes_to_the_provider_shrunk_and_without_metadata(person: int) -> None:
    source = async_to_sync(actions.load_source)(drawn(person, pictures.jpeg(3000, 1500)), max_bytes=MOST)
    assert opened(source.data).size == (2048, 1024)
    turned = async_to_sync(actions.load_source)(drawn(person, pictures.turned(6)), max_bytes=MOST)
    assert b"Secret" not in turned.data


def test_a_source_keeps_to_its_share_of_the_request(person: int) -> None:
    asset_id = uploaded(person, encoded(pictures.noise(1000, 1000), "PNG"))
    source = async_to_sync(actions.load_source)(asset_id, max_bytes=80_000)
    assert len(source.data) <= 80_000


def test_a_source_that_is_gone_is_unknown(person: int, files: Path) -> None:
    with pytest.raises(actions.UnknownAsset):
        async_to_sync(actions.load_source)(new_id(), max_bytes=MOST)
    asset_id = uploaded(person)
    shutil.rmtree(files)
    with pytest.raises(actions.BytesMissing):
        async_to_sync(actions.load_source)(asset_id, max_bytes=MOST)


def test_a_rendition_is_made_when_first_asked_for_and_then_found(person: int, files: Path) -> None:
    asset_id = drawn(person, pictures.jpeg(1000, 500))
    assert queries.variant(person, asset_id, "320") is None
    made = async_to_sync(actions.find_file)(user_id=person, asset_id=asset_id, variant="320")
    assert queries.variant(person, asset_id, "320") == made
    assert opened((files / made.path).read_bytes()).size == (320, 160)


async def test_a_rendition_asked_for_many_times_at_once_is_recorded_once(person: int) -> None:
    asset_id = await in_database(uploaded, person)
    asked = [actions.find_file(user_id=person, asset_id=asset_id, variant="1280") for _ in range(8)]
    found = await asyncio.gather(*asked)
    assert len({file.path for file in found}) == 1
    assert await in_database(Rendition.objects.filter(asset_id=asset_id, variant=1280).count) == 1


@pytest.mark.parametrize("variant", ["original", "320", "640", "999", "", "../640"])
def test_other_peoples_pictures_do_not_exist(person: int, other: int, variant: str) -> None:
    asset_id = drawn(other, pictures.png())
    with pytest.raises(queries.UnknownAsset):
        async_to_sync(actions.find_file)(user_id=person, asset_id=asset_id, variant=variant)


def test_a_deleted_picture_is_gone_at_once_and_its_bytes_by_a_job(person: int, files: Path) -> None:
    asset_id = drawn(person, pictures.png())
    assert actions.discard([asset_id], NOW) == 1
    assert queries.pictures([asset_id]) == {}
    assert jobs(asset_id) == ["assets.remove_files"]
    assert run.remove_files(asset_id, NOW + rules.REMOVED_AFTER) == 2
    assert files_of(files) == []
    assert run.remove_files(asset_id, NOW + rules.REMOVED_AFTER) == 0


def test_what_the_store_holds_is_measured_without_what_was_deleted(person: int) -> None:
    kept, gone = drawn(person, pictures.png()), drawn(person, pictures.png())
    actions.discard([gone], NOW)
    actions.measure_storage(now=NOW)
    sizes = {total.labels[0]: (total.count, total.amount) for total in tally.totals("storage")}
    rendition = Rendition.objects.get(asset_id=kept)
    assert sizes["drawn"] == (1, Asset.objects.get(id=kept).size)
    assert sizes["rendition"] == (1, rendition.size)


def test_a_deleted_picture_can_be_had_back_as_long_as_its_bytes_are_there(person: int, files: Path) -> None:
    asset_id = drawn(person, pictures.png())
    actions.discard([asset_id], NOW)
    assert run.remove_files(asset_id, NOW + rules.RESTORABLE - timedelta(seconds=1)) == 0
    assert actions.restore([asset_id], NOW + timedelta(seconds=10)) == 1
    assert asset_id in queries.pictures([asset_id])
    assert run.remove_files(asset_id, NOW + rules.REMOVED_AFTER) == 0
    assert len(files_of(files)) == 2


def test_a_picture_deleted_too_long_ago_stays_deleted(person: int) -> None:
    asset_id = drawn(person, pictures.png())
    actions.discard([asset_id], NOW)
    with pytest.raises(actions.TooLate):
        actions.restore([asset_id], NOW + rules.RESTORABLE)
    assert queries.pictures([asset_id]) == {}


def test_favourites_are_marked_once_and_only_by_their_person(person: int, other: int) -> None:
    asset_id = drawn(person, pictures.png())
    mark = actions.mark_favourites
    assert mark(user_id=other, asset_ids=[asset_id], wanted=True, now=NOW) == 0
    assert [mark(user_id=person, asset_ids=[asset_id], wanted=True, now=NOW) for _ in range(2)] == [1, 0]
    assert Asset.objects.get().favoured_at == NOW
    assert mark(user_id=person, asset_ids=[asset_id], wanted=False, now=NOW) == 1


def test_a_picture_is_deleted_once(person: int) -> None:
    asset_id = uploaded(person)
    assert [actions.discard([asset_id], NOW) for _ in range(3)] == [1, 0, 0]
    assert len(jobs(asset_id)) == 1


def test_a_delete_that_is_rolled_back_leaves_picture_and_queue_alone(person: int) -> None:
    asset_id = uploaded(person)
    with rolled_back():
        actions.discard([asset_id], NOW)
    assert asset_id in queries.pictures([asset_id])
    assert jobs(asset_id) == []


def test_a_missing_file_is_alerted_once_per_picture() -> None:
    one, other = new_id(), new_id()
    for asset_id in (one, one, other):
        actions.report_missing(asset_id, now=NOW)
    assert sorted(Alert.objects.values_list("subject", flat=True)) == sorted([str(one), str(other)])


def test_the_store_is_checked_by_writing_reading_and_deleting(files: Path, settings: Settings) -> None:
    actions.check_store()
    assert files_of(files) == []
    (files / "taken").write_text("a file")
    settings.NPROXY_STORAGE_URL = f"file:{files / 'taken'}"
    with pytest.raises(actions.StoreUnavailable):
        actions.check_store()


def test_old_uploads_that_no_turn_uses_are_swept(person: int) -> None:
    yesterday = NOW - timedelta(hours=25)
    unused, used = uploaded(person, now=yesterday), uploaded(person, now=yesterday)
    fresh, picture = uploaded(person, now=NOW - timedelta(hours=23)), drawn(person, pictures.png())
    dropped, _ = actions.sweep_orphans(now=NOW, used=lambda ids: {used} & set(ids))
    assert dropped == 1
    assert queries.pictures([unused, used, fresh, picture]).keys() == {used, fresh, picture}


def test_an_upload_that_is_being_taken_as_a_source_is_not_swept(person: int) -> None:
    asset_id = uploaded(person, now=NOW - timedelta(days=2))
    with transaction.atomic():
        queries.owned(person, [asset_id])
        sweep = in_database(actions.sweep_orphans, now=NOW, used=lambda _: set[UUID]())
        assert asyncio.run(sweep)[0] == 0
    assert asset_id in queries.pictures([asset_id])


def test_files_that_nobody_owns_are_swept_after_a_day(person: int, files: Path) -> None:
    kept = drawn(person, pictures.png())
    stored(person, pictures.png())
    deleted = uploaded(person)
    actions.discard([deleted], NOW)
    sweep_at = datetime.now(UTC)
    actions.sweep_orphans(now=sweep_at, used=lambda _: set())
    assert len(files_of(files)) == 4  # what was just stored may be about to be recorded
    actions.sweep_orphans(now=sweep_at + timedelta(hours=25), used=lambda _: set())
    assert files_of(files) == ["640.webp", "original.png"]
    assert async_to_sync(actions.load_source)(kept, max_bytes=MOST)


def test_a_store_full_of_strangers_is_left_alone_and_alerted(files: Path) -> None:
    for _ in range(run.ORPHANS_BELIEVED + 1):
        path = files / rules.original_path(new_id(), "image/png")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    later = datetime.now(UTC) + timedelta(days=2)
    assert actions.sweep_orphans(now=later, used=lambda _: set()) == (0, 0)
    assert len(files_of(files)) == run.ORPHANS_BELIEVED + 1
    assert [alert.kind for alert in Alert.objects.all()] == ["assets.too_many_orphans"]
