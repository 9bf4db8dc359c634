"""Many originals in one file: packed by the worker, byte for byte, and gone after a day."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from procrastinate import JobContext
from pytest_django import Settings
from tests.rooms.assets import pictures
from tests.rooms.assets.pictures import encoded

from nproxy.accounts.models import User
from nproxy.assets import actions, packing, queries, rules, store, tasks
from nproxy.assets.models import Asset, Export
from nproxy.kit.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def person() -> int:
    return User.objects.create_user("ada@example.com").pk


@pytest.fixture
def drawn(person: int, files: Path) -> Callable[[], UUID]:
    def draw() -> UUID:
        stored = asyncio.run(actions.store_drawn(pictures.png(), user_id=person))
        return actions.record_drawn(stored, now=NOW)

    return draw


def ordered(person: int, *asset_ids: UUID) -> UUID:
    named = [(asset_id, f"picture_{number:02}.png") for number, asset_id in enumerate(asset_ids, start=1)]
    return actions.export(user_id=person, named=named, now=NOW)


def view(person: int, now: datetime = LATER) -> list[tuple[str, int]]:
    return [(export.status, export.count) for export in queries.exports(person, now)]


def test_a_packed_file_holds_the_originals_byte_for_byte_under_their_names(
    person: int, files: Path, drawn: Callable[[], UUID]
) -> None:
    ids = [drawn() for _ in range(3)]
    export_id = ordered(person, *ids)
    assert view(person) == [("packing", 3)]
    packing.pack(export_id, lambda: LATER)
    assert view(person) == [("ready", 3)]
    file = queries.export_file(person, export_id, LATER)
    assert (files / file.path).stat().st_size == file.size
    with zipfile.ZipFile(files / file.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["picture_01.png", "picture_02.png", "picture_03.png"]
        for asset_id, name in zip(ids, archive.namelist(), strict=True):
            assert archive.read(name) == (files / Asset.objects.get(pk=asset_id).path).read_bytes()


def test_a_picture_larger_than_a_piece_is_whole(person: int, files: Path) -> None:
    noise = encoded(pictures.noise(700, 700), "PNG")
    assert len(noise) > 3 * store.CHUNK_BYTES
    asset_id = actions.record_drawn(asyncio.run(actions.store_drawn(noise, user_id=person)), now=NOW)
    export_id = ordered(person, asset_id)
    packing.pack(export_id, lambda: LATER)
    with zipfile.ZipFile(files / queries.export_file(person, export_id, LATER).path) as archive:
        assert archive.read("picture_01.png") == noise


def test_two_hundred_pictures_are_packed_each_with_its_own_bytes(person: int, files: Path) -> None:
    rows = []
    for number in range(200):
        asset_id = new_id()
        path = rules.original_path(asset_id, rules.PNG)
        store.configured().put(path, f"picture {number}".encode() * (number + 1))
        rows.append(
            Asset(
                id=asset_id,
                user_id=person,
                kind=Asset.Kind.DRAWN,
                path=path,
                media_type=rules.PNG,
                width=1,
                height=1,
                size=(files / path).stat().st_size,
                sha256="",
                created_at=NOW,
            )
        )
    Asset.objects.bulk_create(rows)
    names = rules.download_names(
        [("a cat" if number % 2 else "A CAT", NOW.date(), rules.PNG) for number in range(200)]
    )
    export_id = actions.export(
        user_id=person, named=list(zip([row.id for row in rows], names, strict=True)), now=NOW
    )
    packing.pack(export_id, lambda: LATER)
    with zipfile.ZipFile(files / queries.export_file(person, export_id, LATER).path) as archive:
        assert (
            archive.namelist() == names == [f"a-cat_2026-11-26_{number:02}.png" for number in range(1, 201)]
        )
        for number, name in enumerate(names):
            assert archive.read(name) == f"picture {number}".encode() * (number + 1)


def test_deleted_and_foreign_pictures_are_left_out(person: int, drawn: Callable[[], UUID]) -> None:
    kept, deleted = drawn(), drawn()
    stranger = User.objects.create_user("eve@example.com").pk
    with pytest.raises(actions.NothingToExport):
        ordered(stranger, kept)
    export_id = ordered(person, kept, deleted)
    actions.discard([deleted], NOW)
    packing.pack(export_id, lambda: LATER)
    file = queries.export_file(person, export_id, LATER)
    with zipfile.ZipFile(Path(store.configured().root or "") / file.path) as archive:
        assert archive.namelist() == ["picture_01.png"]
    with pytest.raises(actions.UnknownAsset):
        queries.export_file(stranger, export_id, LATER)


def test_a_file_that_went_missing_does_not_spoil_the_others(
    person: int, files: Path, drawn: Callable[[], UUID]
) -> None:
    ids = [drawn(), drawn()]
    export_id = ordered(person, *ids)
    (files / Asset.objects.get(pk=ids[0]).path).unlink()
    packing.pack(export_id, lambda: LATER)
    with zipfile.ZipFile(files / queries.export_file(person, export_id, LATER).path) as archive:
        assert archive.namelist() == ["picture_02.png"]


def test_packed_twice_one_file_stays(person: int, files: Path, drawn: Callable[[], UUID]) -> None:
    export_id = ordered(person, drawn())
    order = Export.objects.get()
    packing.pack(export_id, lambda: LATER)
    second = rules.export_path(export_id, new_id())
    size = packing._write(export_id, second)
    assert not packing._finish(order, second, size, LATER)
    packing.pack(export_id, lambda: LATER)
    assert Export.objects.get().path != second


def test_three_at_once_are_enough(person: int, drawn: Callable[[], UUID]) -> None:
    picture = drawn()
    for _ in range(rules.EXPORTS_AT_ONCE):
        last = ordered(person, picture)
    with pytest.raises(actions.TooManyExports):
        ordered(person, picture)
    packing.pack(last, lambda: LATER)
    ordered(person, picture)


def test_what_cannot_be_packed_is_tried_again_and_then_said(
    person: int, drawn: Callable[[], UUID], settings: Settings, tmp_path: Path
) -> None:
    export_id = ordered(person, drawn())
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    settings.NPROXY_STORAGE_URL = f"file:{blocked}/files"
    for attempts, status in (
        (0, "packing"),
        (tasks.PACKED_AT_MOST - 1, "packing"),
        (tasks.PACKED_AT_MOST, "failed"),
    ):
        with pytest.raises(actions.StoreUnavailable):
            tasks.pack.func(context(attempts), export_id=str(export_id))
        assert view(person) == [(status, 1)]


def context(attempts: int) -> JobContext:
    """What procrastinate tells a task of its job."""
    from procrastinate import jobs
    from procrastinate.contrib.django import app

    job = jobs.Job(
        id=1, queue="chores", lock=None, queueing_lock=None, task_name="assets.pack", attempts=attempts
    )
    return JobContext(app=app, job=job, start_timestamp=0.0, abort_reason=lambda: None)


def test_news_tell_of_it_when_it_is_ordered_and_when_it_is_there(
    person: int, drawn: Callable[[], UUID]
) -> None:
    export_id = ordered(person, drawn())
    after = Export.objects.get().version
    assert queries.exports_changed(person, after) == []
    packing.pack(export_id, lambda: LATER)
    assert [export.status for export in queries.exports_changed(person, after)] == ["ready"]


def test_files_are_swept_after_a_day_and_lost_ones_with_them(
    person: int, files: Path, drawn: Callable[[], UUID]
) -> None:
    export_id = ordered(person, drawn())
    packing.pack(export_id, lambda: LATER)
    lost = files / rules.export_path(new_id(), new_id())
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"half a file")
    assert actions.sweep_exports(now=LATER + rules.EXPORT_KEPT) == 0
    assert view(person, LATER + rules.EXPORT_KEPT) == []
    with pytest.raises(actions.UnknownAsset):
        queries.export_file(person, export_id, LATER + rules.EXPORT_KEPT)
    assert actions.sweep_exports(now=datetime.now(UTC) + timedelta(days=2)) == 2
    assert list((files / rules.EXPORTS_FOLDER).rglob("*.zip")) == []
    assert not Export.objects.exists()
