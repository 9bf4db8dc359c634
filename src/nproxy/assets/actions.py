"""What may be done with pictures.

    accept_upload   BadUpload, IntakeBusy, TooManyUploads, StoreFull, StoreUnavailable
    store_drawn     NotAnImage, StoreUnavailable
    load_source     UnknownAsset, BytesMissing, StoreUnavailable
    find_file       UnknownAsset, BytesMissing, StoreUnavailable
    export          NothingToExport, TooManyExports, StoreFull
    restore         TooLate

Bytes are stored first and recorded after: what a crash leaves in between, the sweep removes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from nproxy.assets import imaging, intake, queries, rules, run, store
from nproxy.assets.alerts import alert
from nproxy.assets.exporting import export, mark_fetched, sweep_exports
from nproxy.assets.intake import BadUpload, IntakeBusy, taken
from nproxy.assets.measuring import measure_storage
from nproxy.assets.models import Asset, Rendition
from nproxy.assets.queries import PictureFile, PictureView
from nproxy.assets.removing import discard, erase, restore, sweep_orphans
from nproxy.assets.rules import (
    BytesMissing,
    NotAnImage,
    NothingToExport,
    Smaller,
    SourceImage,
    StoredImage,
    StoreFull,
    StoreUnavailable,
    TooLate,
    TooManyExports,
    TooManyUploads,
    UnknownAsset,
)
from nproxy.kit import locks
from nproxy.kit.ids import new_id
from nproxy.kit.threads import in_database

__all__ = [
    "BadUpload",
    "BytesMissing",
    "IntakeBusy",
    "NotAnImage",
    "NothingToExport",
    "StoreFull",
    "StoreUnavailable",
    "StoredImage",
    "TooLate",
    "TooManyExports",
    "TooManyUploads",
    "UnknownAsset",
    "discard",
    "erase",
    "export",
    "mark_fetched",
    "measure_storage",
    "restore",
    "sweep_exports",
    "sweep_orphans",
    "taken",
]

HOUR: Final = timedelta(hours=1)
DELETES_END: Final = timedelta(minutes=1)
# Far above what a hand can do, far below what fills a disk before the operator reads the alert.
UPLOADS_AN_HOUR: Final = 120


def accept_upload(
    *, user_id: int, data: bytes, now: datetime, name: str = "", media_type: str = ""
) -> PictureView:
    """Check, clean and keep a picture that a person wants to start from.

    `name` and `media_type`, as the file was sent, must not belie its bytes.
    Blocks while it is decoded (one at a time per process) and stored: not for a transaction.
    """
    if not has_room():
        raise StoreFull
    if _uploads_since(user_id, now - HOUR) >= UPLOADS_AN_HOUR:
        raise TooManyUploads
    encoded, placeholder = intake.prepare(data, name=name, media_type=media_type)
    asset_id = new_id()
    path = rules.original_path(asset_id, encoded.media_type)
    store.configured().put(path, encoded.data)
    stored = StoredImage(
        id=asset_id,
        user_id=user_id,
        path=path,
        media_type=encoded.media_type,
        width=encoded.width,
        height=encoded.height,
        size=len(encoded.data),
        sha256=_digest(encoded.data),
        placeholder=placeholder,
        smaller=None,
    )
    _record(stored, Asset.Kind.UPLOAD, now)
    return PictureView(asset_id, encoded.width, encoded.height, placeholder)


def _uploads_since(user_id: int, moment: datetime) -> int:
    uploads = Asset.objects.filter(user_id=user_id, kind=Asset.Kind.UPLOAD, created_at__gt=moment)
    return uploads.count()


async def store_drawn(data: bytes, *, user_id: int) -> StoredImage:
    """Keep what a provider drew, byte for byte, with its 640 px rendition. Outside any transaction.

    Type and size are read from the bytes. Nothing is recorded yet: pass the answer to `record_drawn`.
    """
    try:
        study = await imaging.in_background(imaging.study, data)
    except imaging.Undecodable as error:
        raise NotAnImage(str(error)) from error
    asset_id = new_id()
    path = rules.original_path(asset_id, study.media_type)
    smaller = _smaller(asset_id, rules.FIRST_VARIANT, study.smaller)
    place = store.configured()
    await asyncio.gather(place.put_async(path, data), place.put_async(smaller.path, study.smaller.data))
    return StoredImage(
        id=asset_id,
        user_id=user_id,
        path=path,
        media_type=study.media_type,
        width=study.width,
        height=study.height,
        size=len(data),
        sha256=await imaging.in_background(_digest, data),
        placeholder=study.placeholder,
        smaller=smaller,
    )


def record_drawn(stored: StoredImage, *, now: datetime) -> UUID:
    """Write the rows of a stored picture in the caller's transaction; returns the asset's id."""
    _record(stored, Asset.Kind.DRAWN, now)
    return stored.id


async def load_source(asset_id: UUID, *, max_bytes: int) -> SourceImage:
    """A picture as a provider gets it: upright, no metadata, ≤ 2,048 px on its long side, ≤ `max_bytes`."""
    asset = await in_database(_live, asset_id)
    data = await _read(asset.path)
    if asset.kind == Asset.Kind.UPLOAD and len(data) <= max_bytes:
        return SourceImage(asset.media_type, data)  # cleaned when it came in
    encoded = await imaging.in_background(imaging.source, data, max_bytes)
    return SourceImage(encoded.media_type, encoded.data)


async def find_file(*, user_id: int, asset_id: UUID, variant: str) -> PictureFile:
    """The file behind `original`, `320`, `640` or `1280`, made now if nobody asked for it before.

    Made twice at the same moment it is the same bytes under the same path, recorded once.
    """
    file = await in_database(queries.variant, user_id, asset_id, variant)
    if file is None:
        await _make_smaller(asset_id, int(variant))
        file = await in_database(queries.variant, user_id, asset_id, variant)
    if file is None:
        raise UnknownAsset
    return file


def mark_favourites(*, user_id: int, asset_ids: Sequence[UUID], wanted: bool, now: datetime) -> int:
    """Make these pictures favourites of their person, or plain again; how many changed."""
    mine = Asset.objects.live().filter(user_id=user_id, id__in=asset_ids, favoured_at__isnull=wanted)
    return mine.update(favoured_at=now if wanted else None)


def has_room() -> bool:
    """Whether a file store has at least 2 GB left; an S3 store always has."""
    free = store.configured().free_bytes()
    return free is None or free >= rules.LEAST_FREE_BYTES


def watch_room(*, now: datetime) -> bool:
    """`has_room`, and an alert, at most one an hour, when it is not so."""
    if has_room():
        return True
    alert("assets.store_full", "", "Less than 2 GB of disk are left. New images are refused.", now)
    return False


def report_missing(asset_id: UUID, *, now: datetime) -> None:
    """Tell the operator that a picture's file is gone from the store, at most once an hour per picture."""
    alert("assets.bytes_missing", str(asset_id), f"The file of picture {asset_id} is not in the store.", now)


def check_store() -> None:
    """Write, read and delete a small file; raises StoreUnavailable."""
    place = store.configured()
    path = f"check/{new_id()}"
    place.put(path, b"nproxy")
    try:
        if place.read(path) != b"nproxy":
            raise StoreUnavailable(f"{place.name}: what was written reads differently")
    finally:
        place.delete([path])


@contextmanager
def deletes_paused() -> Iterator[None]:
    """No picture's file leaves the store while the block runs; deletes are done afterwards. Raises StoreUnavailable."""
    with locks.kept(run.DELETES, wait=DELETES_END) as is_ours:
        if not is_ours:
            raise StoreUnavailable("files are being deleted: try again in a minute")
        yield


def keeps_files() -> bool:
    """Whether pictures are files of this installation, and not somebody's bucket."""
    return store.configured().root is not None


def restore_file(path: str, data: bytes) -> None:
    """Put a file back where a backup found it. What is no path of a picture is let be."""
    if rules.asset_of(path):
        store.configured().put(path, data)


async def _make_smaller(asset_id: UUID, variant: int) -> None:
    asset = await in_database(_live, asset_id)
    larger = await in_database(queries.larger_rendition, asset_id, variant) or asset.path
    try:
        encoded = await imaging.in_background(imaging.rendition, await _read(larger), variant)
    except imaging.Undecodable as error:
        raise BytesMissing(asset.path) from error
    smaller = _smaller(asset_id, variant, encoded)
    await store.configured().put_async(smaller.path, encoded.data)
    await in_database(_record_smaller, asset_id, smaller)


def _live(asset_id: UUID) -> Asset:
    asset = Asset.objects.live().filter(id=asset_id).first()
    if asset is None:
        raise UnknownAsset
    return asset


async def _read(path: str) -> bytes:
    try:
        return await store.configured().read_async(path)
    except FileNotFoundError as error:
        raise BytesMissing(path) from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _smaller(asset_id: UUID, variant: int, encoded: imaging.Encoded) -> Smaller:
    path = rules.rendition_path(asset_id, variant)
    return Smaller(variant, path, encoded.width, encoded.height, len(encoded.data))


def _record(stored: StoredImage, kind: Asset.Kind, now: datetime) -> None:
    fields = {field.name: getattr(stored, field.name) for field in dataclasses.fields(stored)}
    smaller = fields.pop("smaller")
    Asset.objects.create(kind=kind, created_at=now, **fields)
    if smaller:
        _record_smaller(stored.id, smaller)


def _record_smaller(asset_id: UUID, smaller: Smaller) -> None:
    """One row, whoever else makes the same rendition right now."""
    row = Rendition(asset_id=asset_id, **dataclasses.asdict(smaller))
    Rendition.objects.bulk_create([row], ignore_conflicts=True)
