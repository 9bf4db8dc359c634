"""The file of a backup: a tar that is written and read as a stream.

header.json                       first: what made it, which tables
database/TABLE/000001.copy.gz     rows, in pieces
files/PATH                        pictures, as they are
manifest.json                     last: counts, and the SHA-256 of every member
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from nproxy.backups import rules
from nproxy.backups.rules import HEADER, MANIFEST, Header, Manifest, NotABackup

DATABASE = "database/"
FILES = "files/"


class Member(NamedTuple):
    name: str
    data: bytes


class Writer:
    """Members go out one after the other; `close` puts the manifest behind them. `size` is in bytes."""

    def __init__(self, sink: BinaryIO, header: Header) -> None:
        self._counted = _Counted(sink)
        self._tar = tarfile.open(fileobj=self._counted, mode="w|", format=tarfile.PAX_FORMAT)  # type: ignore[call-overload]  # `write` is all that it needs  # noqa: SIM115
        self._seconds = header.made_at.timestamp()
        self.manifest = Manifest()
        self._add(HEADER, rules.to_json(header))

    @property
    def size(self) -> int:
        return self._counted.size

    def rows(self, table: str, number: int, lines: bytes) -> None:
        # The fastest level: it takes most of what there is to take, and the disk is slower than the rest.
        self._add(f"{DATABASE}{table}/{number:06}.copy.gz", gzip.compress(lines, compresslevel=1, mtime=0))

    def file(self, path: str, data: bytes) -> None:
        self._add(FILES + path, data)
        self.manifest.files += 1

    def close(self) -> None:
        self._add(MANIFEST, rules.to_json(self.manifest))
        self._tar.close()

    def _add(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = len(data), int(self._seconds), 0o600
        self.manifest.sha256[name] = rules.digest(data)
        self._tar.addfile(member, io.BytesIO(data))


def members(source: BinaryIO) -> Iterator[Member]:
    """Everything in the file, in order. Raises NotABackup for what is no tar or ends early."""
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                held = tar.extractfile(member)
                if held is None:
                    raise NotABackup(f"{member.name} is not a file")
                data = held.read()
                if len(data) != member.size:
                    raise NotABackup("it ends early")
                yield Member(member.name, data)
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(f"it cannot be read: {error}") from error


def read_through(source: BinaryIO) -> tuple[Header, Manifest]:
    """Read it to its end and compare every byte with the manifest. Raises NotABackup."""
    found: dict[str, str] = {}
    header, manifest = None, None
    for name, data in members(source):
        if not found and name == HEADER:
            header = rules.header(data)
        if name == MANIFEST:
            manifest = rules.manifest(data)
        else:
            found[name] = rules.digest(data)
    if header is None:
        raise NotABackup("it does not begin like one")
    if manifest is None:
        raise NotABackup("it ends early: its manifest is missing")
    if wrong := rules.differences(found, manifest):
        raise NotABackup(f"{len(wrong)} of its parts are missing or altered, the first is {wrong[0]}")
    return header, manifest


def lines(member: Member) -> bytes:
    """The rows in a member of the database."""
    return gzip.decompress(member.data)


def table_of(name: str) -> str | None:
    """The table whose rows a member holds."""
    return name.removeprefix(DATABASE).partition("/")[0] if name.startswith(DATABASE) else None


class _Counted:
    """A file that knows how much was written to it."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self.size = 0

    def write(self, data: bytes) -> int:
        self._sink.write(data)
        self.size += len(data)
        return len(data)
