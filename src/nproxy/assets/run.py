"""The chores of the store: removing the files of deleted pictures, and finding files that nobody owns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from nproxy.assets import rules, store
from nproxy.assets.models import Asset
from nproxy.assets.store import StoredFile
from nproxy.kit import locks

log = structlog.get_logger(__name__)

ORPHAN_AGE: Final = timedelta(hours=24)
# A few orphans are crashes between "stored" and "recorded". Half of the store is a wrong database or bucket.
ORPHANS_BELIEVED: Final = 100
# Held by a backup alone, or shared by those who delete.
DELETES: Final = "assets.deletes"


class DeletesPaused(Exception):
    """A backup copies the files right now: what it has seen must not go before it has it."""


class TooManyOrphans(Exception):
    """More than half of the store has no row: most likely it is another database's. Nothing was removed."""


def remove_files(asset_id: UUID, now: datetime) -> int:
    """Remove every file of a deleted asset, unless it was restored; how many there were. Again is harmless.

    Raises DeletesPaused.
    """
    if not Asset.objects.filter(id=asset_id, deleted_at__lt=now - rules.RESTORABLE).exists():
        return 0
    place = store.configured()
    paths = [file.path for batch in place.files(rules.folder(asset_id)) for file in batch]
    _delete(paths)
    return len(paths)


def remove_orphan_files(now: datetime) -> int:
    """Remove files older than 24 h without a row, and what a lost job left of deleted assets.

    Returns how many; raises TooManyOrphans, DeletesPaused.
    """
    place = store.configured()
    seen, left_over, without_row = 0, [], []
    for batch in place.files():
        seen += len(batch)
        deleted, unknown = _unowned(batch, now)
        left_over += deleted
        without_row += unknown
    if len(without_row) > max(ORPHANS_BELIEVED, seen // 2):
        raise TooManyOrphans(f"{len(without_row)} of {seen} files at {place.name} belong to no picture")
    _delete(left_over + without_row)
    log.info("assets.swept", seen=seen, left_over=len(left_over), without_row=len(without_row))
    return len(left_over) + len(without_row)


def _delete(paths: list[str]) -> None:
    with locks.kept(DELETES, shared=True) as may_delete:
        if not may_delete:
            raise DeletesPaused
        store.configured().delete(paths)


def _unowned(batch: list[StoredFile], now: datetime) -> tuple[list[str], list[str]]:
    """Paths of deleted assets, and paths older than `ORPHAN_AGE` without a row. Foreign names are let be."""
    owners = {file.path: owner for file in batch if (owner := rules.asset_of(file.path))}
    rows = dict(Asset.objects.filter(id__in=set(owners.values())).values_list("id", "deleted_at"))
    gone = {owner for owner, deleted_at in rows.items() if deleted_at and deleted_at < now - rules.RESTORABLE}
    deleted = [path for path, owner in owners.items() if owner in gone]
    aged = [file.path for file in batch if file.modified_at < now - ORPHAN_AGE and file.path in owners]
    return deleted, [path for path in aged if owners[path] not in rows]
