"""Taking pictures away: at once from every page, from the store when nobody can have them back any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce
from procrastinate.types import JSONDict

from nproxy.assets import rules, run, tasks
from nproxy.assets.alerts import alert
from nproxy.assets.models import Asset, Export

SWEPT_AT_ONCE: Final = 500


@transaction.atomic
def discard(asset_ids: Sequence[UUID], now: datetime) -> int:
    """Delete pictures: gone at once, their files by a job each after a while. How many were still there."""
    alive = Asset.objects.live().filter(id__in=asset_ids).order_by("id")
    ids = list(alive.select_for_update(no_key=True).values_list("id", flat=True))
    gone = Asset.objects.live().filter(id__in=ids).update(deleted_at=now)
    _remove_files_later(ids, now)
    return gone


@transaction.atomic
def erase(*, user_id: int, now: datetime) -> int:
    """Delete every picture of a person, its tiny preview and what was packed of them too: gone at once, the files
    by a job each. How many."""
    mine = Asset.objects.filter(user_id=user_id)
    ids = list(mine.values_list("id", flat=True))
    mine.update(deleted_at=Coalesce("deleted_at", now), placeholder="")
    # Their files, and whatever is being packed just now, are lost ones to the sweep.
    Export.objects.filter(user_id=user_id).delete()
    _remove_files_later(ids, now)
    return len(ids)


def _remove_files_later(asset_ids: Sequence[UUID], now: datetime) -> None:
    if asset_ids:
        later = tasks.remove_files.configure(schedule_at=now + rules.REMOVED_AFTER)
        wishes: list[JSONDict] = [{"asset_id": str(asset_id)} for asset_id in asset_ids]
        later.batch_defer(*wishes)


def restore(asset_ids: Sequence[UUID], now: datetime) -> int:
    """Give deleted pictures back, in the caller's transaction; how many. Raises TooLate when one is gone for good."""
    gone = Asset.objects.filter(id__in=asset_ids, deleted_at__isnull=False)
    wanted = gone.count()
    back = gone.filter(deleted_at__gt=now - rules.RESTORABLE).update(deleted_at=None)
    if back != wanted:
        raise rules.TooLate
    return back


def sweep_orphans(*, now: datetime, used: Callable[[list[UUID]], set[UUID]]) -> tuple[int, int]:
    """Once a day: drop uploads older than 24 h that no turn uses, and files without a row.

    `used` says which of the given assets some turn needs. Returns (uploads dropped, files removed).
    """
    dropped = 0
    after = UUID(int=0)
    while batch := _old_uploads(after, now):
        after = batch[-1]
        dropped += _drop_unused(batch, now, used)
    try:
        return dropped, run.remove_orphan_files(now)
    except run.DeletesPaused:
        return dropped, 0  # tomorrow, then
    except run.TooManyOrphans as error:
        alert("assets.too_many_orphans", "", f"{error}. Nothing was removed.", now)
        return dropped, 0


def _old_uploads(after: UUID, now: datetime) -> list[UUID]:
    uploads = Asset.objects.live().filter(kind=Asset.Kind.UPLOAD, id__gt=after)
    old = uploads.filter(created_at__lt=now - run.ORPHAN_AGE).order_by("id")
    return list(old.values_list("id", flat=True)[:SWEPT_AT_ONCE])


def _drop_unused(batch: list[UUID], now: datetime, used: Callable[[list[UUID]], set[UUID]]) -> int:
    """A row that somebody is taking as a source right now is locked (`queries.owned`), and passed over."""
    with transaction.atomic():
        free = Asset.objects.live().filter(id__in=batch).select_for_update(skip_locked=True)
        ids = list(free.values_list("id", flat=True))
        return discard(sorted(set(ids) - used(ids)), now)
