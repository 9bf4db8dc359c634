"""The worker's part of an export: originals go from the store into a zip in the store, a piece at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from nproxy.assets import rules, store
from nproxy.assets.models import Export, ExportItem
from nproxy.kit import live
from nproxy.kit.ids import new_id

log = structlog.get_logger(__name__)


def pack(export_id: UUID, clock: Callable[[], datetime]) -> None:
    """Write the file and say that it is there. Done already, or twice at once, is harmless: one of them wins."""
    order = Export.objects.filter(id=export_id, status=Export.Status.PACKING).first()
    if order is None:
        return
    path = rules.export_path(export_id, new_id())
    size = _write(export_id, path)
    if not _finish(order, path, size, clock()):
        store.configured().delete([path])


@transaction.atomic
def give_up(export_id: UUID) -> None:
    """It cannot be packed: the person is told."""
    order = Export.objects.filter(id=export_id).first()
    waiting = Export.objects.filter(id=export_id, status=Export.Status.PACKING)
    if order and waiting.update(status=Export.Status.FAILED):
        live.stamp(order.user_id, Export, [export_id])


@transaction.atomic
def _finish(order: Export, path: str, size: int, now: datetime) -> bool:
    waiting = Export.objects.filter(id=order.id, status=Export.Status.PACKING)
    if not waiting.update(status=Export.Status.READY, path=path, size=size, ready_at=now):
        return False
    live.stamp(order.user_id, Export, [order.id])
    return True


def _write(export_id: UUID, path: str) -> int:
    """Stored, not compressed: pictures are compressed already. Returns the file's size."""
    items = ExportItem.objects.filter(export_id=export_id, asset__deleted_at=None).order_by("position")
    with store.configured().writing(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, original, size, moment in items.values_list(
            "name", "asset__path", "asset__size", "asset__created_at"
        ).iterator():
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            _add(archive, entry, original, size)
    return out.written


def _add(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, size: int) -> None:
    pieces = store.configured().pieces(path, size)
    try:
        first = next(pieces, b"")
    except FileNotFoundError:
        log.exception("export.bytes_missing", path=path)
        return
    with archive.open(entry, "w", force_zip64=size >= zipfile.ZIP64_LIMIT) as out:
        out.write(first)
        for piece in pieces:
            out.write(piece)
