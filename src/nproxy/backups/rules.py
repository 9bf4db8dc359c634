"""What a backup is, when one is due, and what speaks against restoring one. Facts only."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from croniter import croniter

FORMAT: Final = 1
HEADER: Final = "header.json"
MANIFEST: Final = "manifest.json"
ENDING: Final = ".nproxy.tar"
# How late a backup may be: it may have had to wait, and it takes its time.
GRACE: Final = timedelta(hours=3)
_DATED: Final = re.compile(r"nproxy-\d{8}T\d{6}Z" + re.escape(ENDING))

Migration = tuple[str, str]


class NotABackup(Exception):
    """The file is not one, is of another format, ends early, or was changed. The message says which."""


class MadeByNewer(Exception):
    """A newer nproxy made the backup: this one does not know its tables."""


class WouldHarm(Exception):
    """Restoring needs `--force`; the message says what it would do, a reason a line."""


class BackupFailed(Exception):
    """No backup came about; the message says why."""


class NoSuchBackup(BackupFailed):
    """There is no file of that name."""


class AlreadyRunning(BackupFailed):
    """Another backup is being made."""


@dataclass(frozen=True)
class Header:
    """What stands first: enough to tell, before anything is touched, whether the rest can be used.

    `columns` names each table's columns in the order of its rows. `encryption_keys` are ids, never keys.
    """

    made_at: datetime
    version: str
    migrations: list[Migration]
    columns: dict[str, list[str]]
    encryption_keys: list[str]
    has_files: bool
    format: int = FORMAT


@dataclass
class Manifest:
    """What stands last: how much there is, and the SHA-256 of each member before it."""

    rows: dict[str, int] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    files: int = 0
    missing: list[str] = field(default_factory=list)
    sha256: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Installation:
    """What a backup would be restored over. `newest` is the moment of the last thing that happened there."""

    migrations: frozenset[Migration]
    encryption_keys: frozenset[str]
    others_connected: int
    newest: datetime | None


def to_json(fact: Header | Manifest) -> bytes:
    plain = {key: str(value) if isinstance(value, datetime) else value for key, value in vars(fact).items()}
    return json.dumps(plain, indent=1).encode()


def header(data: bytes) -> Header:
    """Raises NotABackup."""
    plain = _object(data, Header)
    if plain["format"] != FORMAT:
        raise NotABackup(f"the backup has format {plain['format']}, this nproxy reads {FORMAT}")
    plain["made_at"] = datetime.fromisoformat(plain["made_at"])
    plain["migrations"] = [(app, name) for app, name in plain["migrations"]]
    return Header(**plain)


def manifest(data: bytes) -> Manifest:
    """Raises NotABackup."""
    return Manifest(**_object(data, Manifest))


def _object(data: bytes, kind: type) -> dict[str, Any]:
    try:
        plain = json.loads(data)
    except ValueError:
        plain = None
    if not isinstance(plain, dict) or plain.keys() != {each.name for each in dataclasses.fields(kind)}:
        raise NotABackup(f"its {kind.__name__.lower()} cannot be read")
    return plain


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def differences(found: Mapping[str, str], promised: Manifest) -> list[str]:
    """The members that are missing, unknown or altered."""
    names = found.keys() | promised.sha256.keys()
    return sorted(name for name in names if found.get(name) != promised.sha256.get(name))


def check_known(header: Header, known: Collection[Migration]) -> None:
    """Raises MadeByNewer when this nproxy lacks one of the backup's migrations."""
    unknown = sorted(set(header.migrations) - set(known))
    if unknown:
        app, name = unknown[0]
        raise MadeByNewer(f"nproxy {header.version} made this backup; this one does not know {app}.{name}")


def objections(header: Header, installation: Installation) -> list[str]:
    """What an operator must want on purpose, a sentence each; empty when nothing can be harmed."""
    found = []
    if installation.others_connected:
        found.append(
            f"nproxy runs ({installation.others_connected} connections): stop web, worker and bot first."
        )
    if installation.newest and installation.newest > header.made_at:
        found.append(
            f"This installation is newer than the backup: what happened between {_minute(header.made_at)}"
            f" and {_minute(installation.newest)} UTC would be lost."
        )
    lacking = [key for key in header.encryption_keys if key not in installation.encryption_keys]
    if lacking:
        found.append(
            f"NPROXY_ENCRYPTION_KEYS does not hold the key {', '.join(lacking)} that the backup's secrets are"
            " sealed with: provider keys and proxy passwords would have to be entered again."
        )
    return found


def leaves(
    applied: Sequence[Migration], parents: Mapping[Migration, Collection[Migration]]
) -> list[Migration]:
    """The last applied migration (or migrations) of each app; `parents` are those that one follows."""
    followed = {parent for each in applied for parent in parents.get(each, ()) if parent[0] == each[0]}
    return [each for each in applied if each not in followed]


def file_name(made_at: datetime) -> str:
    return f"nproxy-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}{ENDING}"


def to_drop(names: Sequence[str], keep: int) -> list[str]:
    """Which of the files at a target are older than the newest `keep`; what we did not name is let be."""
    ours = sorted(name for name in names if _DATED.fullmatch(name))
    return ours[:-keep]


def due_before(schedule: str, now: datetime) -> datetime:
    """The last moment at which `schedule` (cron, UTC) wanted a backup."""
    previous: datetime = croniter(schedule, now.astimezone(UTC)).get_prev(datetime)
    return previous


def is_late(schedule: str, now: datetime, *, last: datetime | None, since: datetime) -> bool:
    """Whether the backup that was due more than `GRACE` ago is not there.

    `last` is when the newest whole one began, `since` when there was something to back up.
    """
    due = due_before(schedule, now - GRACE)
    # The queue may take it up a moment before the minute that it was due at.
    return max(last or since, since) < due - timedelta(minutes=1)


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
