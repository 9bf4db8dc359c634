"""What may be asked about pictures, and their bytes as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from nproxy.assets import rules, store
from nproxy.assets.models import Asset, Export, Rendition
from nproxy.assets.rules import BytesMissing, UnknownAsset

ORIGINAL: Final = "original"


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture as a page places it. `placeholder` is a tiny `data:` address, or empty."""

    id: UUID
    width: int
    height: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One stored form of a picture. `size` is in bytes; `etag` never changes, as the bytes never do."""

    asset_id: UUID
    variant: str
    path: str
    media_type: str
    size: int
    etag: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExportView:
    """A file of many pictures, on its way (`packing`), `ready` until `expires_at`, or `failed`. `size` is in bytes."""

    id: UUID
    status: str
    count: int
    size: int
    created_at: datetime
    expires_at: datetime | None
    fetched: bool


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The stored zip of an export."""

    id: UUID
    count: int
    path: str
    media_type: str
    size: int
    etag: str
    created_at: datetime


def exports(user_id: int, now: datetime) -> list[ExportView]:
    """The person's exports that are still there, the newest first."""
    rows = Export.objects.filter(user_id=user_id, created_at__gt=now - 2 * rules.EXPORT_KEPT)
    views = [_export_view(row) for row in rows.order_by("-created_at", "-id")]
    return [view for view in views if view.expires_at is None or view.expires_at > now]


def exports_changed(user_id: int, after: int) -> list[ExportView]:
    """Those that changed after that version of the person."""
    rows = Export.objects.filter(user_id=user_id, version__gt=after).order_by("version")
    return [_export_view(row) for row in rows]


def export_file(user_id: int, export_id: UUID, now: datetime) -> ExportFile:
    """The file of a ready export. Raises UnknownAsset for other people's, and for those that are not or no longer there."""
    rows = Export.objects.filter(id=export_id, user_id=user_id, ready_at__gt=now - rules.EXPORT_KEPT)
    row = rows.first()
    if row is None:
        raise UnknownAsset
    return ExportFile(
        row.id, row.count, row.path, "application/zip", row.size, f'"{row.id.hex}"', row.created_at
    )


def _export_view(row: Export) -> ExportView:
    expires_at = row.ready_at + rules.EXPORT_KEPT if row.ready_at else None
    return ExportView(
        row.id, row.status, row.count, row.size, row.created_at, expires_at, row.fetched_at is not None
    )


def pictures(ids: Iterable[UUID]) -> dict[UUID, PictureView]:
    """The live pictures among `ids`."""
    rows = Asset.objects.live().filter(id__in=list(ids)).values_list("id", "width", "height", "placeholder")
    return {row[0]: PictureView(*row) for row in rows}


def of_person(user_id: int, ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that are live pictures of that person."""
    rows = Asset.objects.live().filter(user_id=user_id, id__in=list(ids))
    return set(rows.values_list("id", flat=True))


def owned(user_id: int, ids: Sequence[UUID]) -> list[UUID]:
    """`ids` as given, if all of them are live pictures of that person; raises UnknownAsset otherwise.

    Within a transaction the rows stay locked until it ends, so that no sweep or delete takes away
    what is about to become a source.
    """
    with transaction.atomic(savepoint=False):
        mine = Asset.objects.live().filter(user_id=user_id, id__in=list(ids)).order_by("id")
        found = set(mine.select_for_update(no_key=True).values_list("id", flat=True))
    if found != set(ids):
        raise UnknownAsset
    return list(ids)


def variant(user_id: int, asset_id: UUID, name: str) -> PictureFile | None:
    """The file behind `original`, `320`, `640` or `1280`; None for a rendition that nobody asked for before.

    Raises UnknownAsset for other people's pictures, deleted ones and names of no variant.
    """
    if name != ORIGINAL and name not in map(str, rules.VARIANTS):
        raise UnknownAsset
    asset = Asset.objects.live().filter(id=asset_id, user_id=user_id).first()
    if asset is None:
        raise UnknownAsset
    if name == ORIGINAL:
        etag = f'"{asset.sha256[:32]}"'
        return PictureFile(asset.id, name, asset.path, asset.media_type, asset.size, etag, asset.created_at)
    rendition = Rendition.objects.filter(asset_id=asset_id, variant=int(name)).first()
    if rendition is None:
        return None
    etag = f'"{asset.sha256[:32]}-{name}"'
    return PictureFile(asset.id, name, rendition.path, rules.WEBP, rendition.size, etag, asset.created_at)


def larger_rendition(asset_id: UUID, variant: int) -> str | None:
    """The path of the smallest rendition above `variant`: a quarter of the work to shrink further; None for none."""
    larger = Rendition.objects.filter(asset_id=asset_id, variant__gt=variant).order_by("variant")
    return larger.values_list("path", flat=True).first()


def paths_to_keep(now: datetime) -> list[str]:
    """The files of all pictures that are there or can still be had back, with their smaller forms."""
    kept = Asset.objects.filter(Q(deleted_at=None) | Q(deleted_at__gt=now - rules.RESTORABLE))
    smaller = Rendition.objects.filter(asset__in=kept).values_list("path", flat=True)
    return [*kept.values_list("path", flat=True), *smaller]


def read_stored(path: str) -> bytes:
    """A whole file. Raises BytesMissing, StoreUnavailable."""
    try:
        return store.configured().read(path)
    except FileNotFoundError as error:
        raise BytesMissing(path) from error


async def stream(file: PictureFile | ExportFile, start: int, stop: int) -> AsyncIterator[bytes]:
    """The bytes from `start` up to, not including, `stop`, in chunks of about 256 KB, holding no thread.

    Raises BytesMissing or StoreUnavailable before the first chunk.
    """
    try:
        return await store.configured().stream(file.path, start, stop)
    except FileNotFoundError as error:
        raise BytesMissing(file.path) from error
