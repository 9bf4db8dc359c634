"""Many originals in one zip file: asked for, finished or given up by the worker, fetched, swept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Sum

from nproxy.assets import rules, store, tasks
from nproxy.assets.models import Asset, Export, ExportItem
from nproxy.kit import live
from nproxy.kit.ids import new_id
from nproxy.kit.locks import lock_for_transaction

ITEMS_AT_ONCE: Final = 1000
LOST_AFTER: Final = timedelta(hours=24)

log = structlog.get_logger(__name__)


def export(*, user_id: int, named: Sequence[tuple[UUID, str]], now: datetime) -> UUID:
    """Have these pictures packed under these names, each name once; the export's id.

    What is deleted, or another person's, is left out. Raises NothingToExport, TooManyExports, StoreFull.
    """
    mine = Asset.objects.live().filter(user_id=user_id, id__in=[asset_id for asset_id, _ in named])
    known = set(mine.values_list("id", flat=True))
    items = [(asset_id, name) for asset_id, name in named if asset_id in known]
    if not items:
        raise rules.NothingToExport
    free = store.configured().free_bytes()
    total: int = mine.aggregate(total=Sum("size"))["total"]
    if free is not None and free - total < rules.LEAST_FREE_BYTES:
        raise rules.StoreFull
    return _record(user_id, items, now)


@transaction.atomic
def _record(user_id: int, items: Sequence[tuple[UUID, str]], now: datetime) -> UUID:
    lock_for_transaction("assets.export", user_id)
    open_ones = Export.objects.filter(user_id=user_id, status=Export.Status.PACKING)
    if open_ones.count() >= rules.EXPORTS_AT_ONCE:
        raise rules.TooManyExports
    export_id = Export.objects.create(id=new_id(), user_id=user_id, count=len(items), created_at=now).id
    ExportItem.objects.bulk_create(
        (
            ExportItem(export_id=export_id, position=position, asset_id=asset_id, name=name)
            for position, (asset_id, name) in enumerate(items, start=1)
        ),
        batch_size=ITEMS_AT_ONCE,
    )
    tasks.pack.defer(export_id=str(export_id))
    live.stamp(user_id, Export, [export_id])
    return export_id


def mark_fetched(export_id: UUID, now: datetime) -> None:
    """The person has begun to fetch it: it is no news any more."""
    Export.objects.filter(id=export_id, fetched_at=None).update(fetched_at=now)


def sweep_exports(*, now: datetime) -> int:
    """Drop files that were kept for their day, failures of yesterday, and what dead workers left; how many files."""
    place = store.configured()
    old = Export.objects.filter(ready_at__lt=now - rules.EXPORT_KEPT)
    paths = list(old.values_list("path", flat=True))
    place.delete(paths)
    old.delete()
    Export.objects.filter(status=Export.Status.FAILED, created_at__lt=now - rules.EXPORT_KEPT).delete()
    kept = set(Export.objects.exclude(path="").values_list("path", flat=True))
    lost = [
        file.path
        for batch in place.files(rules.EXPORTS_FOLDER)
        for file in batch
        if file.path not in kept and file.modified_at < now - LOST_AFTER
    ]
    place.delete(lost)
    log.info("exports.swept", old=len(paths), lost=len(lost))
    return len(paths) + len(lost)
