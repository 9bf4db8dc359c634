"""The one port to where bytes are kept: files under the data directory, or any S3-compatible service.

Writes are whole or not at all. A file that is not there raises FileNotFoundError; a store that
cannot be used (server down, no such bucket, disk error) raises StoreUnavailable, one line of words.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import obstore
from django.conf import settings
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from nproxy.assets.rules import StoreUnavailable
from nproxy.kit import s3, s3_uploads

CHUNK_BYTES: Final = 256 * 1024
LISTED_AT_ONCE: Final = 1000
# Of a file that is written piece by piece, at 10 MB each.
PARTS_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class StoredFile:
    path: str
    modified_at: datetime


class Writing(io.RawIOBase):
    """Where a file goes that is written piece by piece; `written` counts its bytes. Raises StoreUnavailable."""

    def __init__(
        self, out: obstore.WritableFile, clear_words: Callable[[], AbstractContextManager[None]]
    ) -> None:
        super().__init__()
        self._out, self._clear_words = out, clear_words
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        with self._clear_words():
            count = self._out.write(bytes(data))
        self.written += count
        return count

    def finish(self) -> None:
        """The whole file is written: it appears under its name."""
        with self._clear_words():
            self._out.close()

    def give_up(self) -> None:
        """Let go of what is still on its way."""
        del self._out


class Store:
    """Paths are relative, made by `rules`; `root` is where a file store lies, None for S3."""

    def __init__(self, place: LocalStore | S3Store, name: str) -> None:
        self._place = place
        self.name = name
        self.root = place.prefix if isinstance(place, LocalStore) else None

    def put(self, path: str, data: bytes) -> None:
        """Write a whole file, replacing an older one."""
        with self._clear_words(may_be_missing=False):
            # One request: a multipart upload that breaks off leaves parts behind that nobody sees.
            obstore.put(self._place, path, data, use_multipart=False)
            self._to_disk(path)

    async def put_async(self, path: str, data: bytes) -> None:
        """`put` without holding the event loop."""
        with self._clear_words(may_be_missing=False):
            await obstore.put_async(self._place, path, data, use_multipart=False)
            await asyncio.to_thread(self._to_disk, path)

    def read(self, path: str) -> bytes:
        """A whole file."""
        with self._clear_words():
            return obstore.get(self._place, path).bytes().to_bytes()

    async def read_async(self, path: str) -> bytes:
        """`read` without holding the event loop."""
        with self._clear_words():
            found = await obstore.get_async(self._place, path)
            return (await found.bytes_async()).to_bytes()

    async def stream(self, path: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `stop`, in chunks of about 256 KB.

        What can go wrong with opening goes wrong here, before the first chunk is asked for.
        """
        if self.root:
            return self._pieces(await self._piece(path, start, stop), path, start, stop)
        with self._clear_words():
            found = await obstore.get_async(self._place, path, options={"range": (start, stop)})
        return self._chunks(found.stream(min_chunk_size=CHUNK_BYTES))

    def pieces(self, path: str, size: int) -> Iterator[bytes]:
        """A file of that size in pieces of 256 KB, read one at a time."""
        for start in range(0, size, CHUNK_BYTES):
            with self._clear_words():
                end = min(size, start + CHUNK_BYTES)
                yield obstore.get_range(self._place, path, start=start, end=end).to_bytes()

    @contextmanager
    def writing(self, path: str) -> Iterator[Writing]:
        """A file written piece by piece, there when the block has ended well, and not at all otherwise."""
        clear_words = partial(self._clear_words, may_be_missing=False)
        with clear_words():
            out = Writing(obstore.open_writer(self._place, path, max_concurrency=PARTS_AT_ONCE), clear_words)
        try:
            yield out
            out.finish()
        except BaseException:
            out.give_up()
            if isinstance(self._place, S3Store):
                s3_uploads.abandon(self._place.config["bucket"], path)
            raise
        with clear_words():
            self._to_disk(path)

    def delete(self, paths: Sequence[str]) -> None:
        """Remove files; those already gone are fine."""
        for path in paths:
            with self._clear_words():
                try:
                    obstore.delete(self._place, path)
                except FileNotFoundError:
                    continue

    def files(self, folder: str | None = None) -> Iterator[list[StoredFile]]:
        """All files (of one folder), up to a thousand at a time, in no order."""
        with self._clear_words():
            for batch in obstore.list(self._place, folder, chunk_size=LISTED_AT_ONCE):
                yield [StoredFile(found["path"], found["last_modified"]) for found in batch]

    def free_bytes(self) -> int | None:
        """Free space for a file store; None where space is somebody else's business."""
        if self.root is None:
            return None
        with self._clear_words(may_be_missing=False):
            return shutil.disk_usage(self.root).free

    async def _chunks(self, stream: obstore.BytesStream) -> AsyncIterator[bytes]:
        with self._clear_words():
            async for chunk in stream:
                yield bytes(chunk)

    async def _pieces(self, first: bytes, path: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """A file by separate reads: obstore streams files in 8 KB steps, at four times the CPU (measured)."""
        yield first
        for position in range(start + CHUNK_BYTES, stop, CHUNK_BYTES):
            yield await self._piece(path, position, stop)

    async def _piece(self, path: str, start: int, stop: int) -> bytes:
        end = min(stop, start + CHUNK_BYTES)
        with self._clear_words():
            return (await obstore.get_range_async(self._place, path, start=start, end=end)).to_bytes()

    def _to_disk(self, path: str) -> None:
        """A power cut must not leave an empty file behind a committed row."""
        if self.root is None:
            return
        file = self.root / path
        for place in (file, *file.parents[: path.count("/") + 1]):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @contextmanager
    def _clear_words(self, *, may_be_missing: bool = True) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and may_be_missing and "NoSuchBucket" not in str(error):
                raise
            raise StoreUnavailable(f"{self.name}: {_reason(error)}") from error


def configured() -> Store:
    """The store of this process, by `NPROXY_STORAGE_URL`: `file:`, `file:PATH` or `s3://BUCKET`."""
    kind, _, rest = settings.NPROXY_STORAGE_URL.partition(":")
    if kind == "s3":
        name = rest.strip("/")
        return Store(s3.bucket(name), f"bucket {name} at {settings.NPROXY_S3_ENDPOINT or 'AWS'}")
    return _folder(Path(settings.NPROXY_DATA_DIR, rest.removeprefix("//") or "files"))


@cache
def _folder(root: Path) -> Store:
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"files under {root}: {error.strerror}") from error
    return Store(LocalStore(root, automatic_cleanup=True), f"files under {root}")


def _reason(error: Exception) -> str:
    """obstore's errors are pages of Rust; an operator needs the one line that says what to do."""
    told = str(error)
    if "NoSuchBucket" in told:
        return "there is no such bucket"
    if "RequestTimeTooSkewed" in told:
        return "refused, because the clock of this machine (or of that one) is wrong"
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return "access refused (NPROXY_S3_ACCESS_KEY, NPROXY_S3_SECRET_KEY, or the rights on the folder)"
    if "SlowDown" in told or "503" in told:
        return "too busy to answer (503), also when asked again"
    if "kind: Connect" in told or "kind: Timeout" in told:
        return "cannot be reached"
    return next(iter(told.splitlines()), type(error).__name__)[:200]
