"""Where backups are kept: a folder, or a bucket at the service that NPROXY_S3_… names (`s3://BUCKET/FOLDER`).

Raises BackupFailed with the reason in words.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import obstore
from obstore.exceptions import BaseError, NotFoundError

from nproxy.backups.rules import BackupFailed, NoSuchBackup
from nproxy.kit import s3, s3_uploads

# A part of an upload: S3 wants at least 5 MB and takes 10,000 of them, so 160 GB fit.
PART_BYTES = 16 * 2**20


class Place(ABC):
    """Files by name. A file appears when it is whole, or not at all."""

    @abstractmethod
    def writing(self, name: str) -> AbstractContextManager[BinaryIO]: ...

    @abstractmethod
    def reading(self, name: str) -> AbstractContextManager[BinaryIO]: ...

    @abstractmethod
    def names(self) -> list[str]: ...

    @abstractmethod
    def drop(self, name: str) -> None: ...


class Folder(Place):
    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        draft = self.path / f".{name}.part"
        with _clear_words(f"{self.path}"):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self.path / name)
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        with _clear_words(f"{self.path / name}"):
            file = (self.path / name).open("rb")
        with file:
            yield file

    def names(self) -> list[str]:
        with _clear_words(f"{self.path}"):
            return [entry.name for entry in self.path.iterdir()]

    def drop(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


class Bucket(Place):
    def __init__(self, address: str) -> None:
        self.name, _, folder = address.removeprefix("s3://").partition("/")
        self.prefix = f"{folder.rstrip('/')}/" if folder else ""
        self.address = address

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        path = self.prefix + name
        with _clear_words(self.address):
            writer = obstore.open_writer(s3.bucket(self.name), path, buffer_size=PART_BYTES)
            try:
                yield cast("BinaryIO", writer)
                # Closed only when all went well: parts without an end are no file.
                writer.close()
            except BaseException:
                s3_uploads.abandon(self.name, path)
                raise

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        with _clear_words(self.address):
            reader = obstore.open_reader(s3.bucket(self.name), self.prefix + name, buffer_size=PART_BYTES)
            yield cast("BinaryIO", reader)

    def names(self) -> list[str]:
        with _clear_words(self.address):
            batches = obstore.list(s3.bucket(self.name), self.prefix or None)
            return [found["path"].removeprefix(self.prefix) for batch in batches for found in batch]

    def drop(self, name: str) -> None:
        with _clear_words(self.address):
            obstore.delete(s3.bucket(self.name), self.prefix + name)


def place(address: str) -> Place:
    """A folder of backups by its path or `s3://BUCKET[/FOLDER]`."""
    return Bucket(address) if address.startswith("s3://") else Folder(Path(address))


def split(location: str) -> tuple[Place, str]:
    """The place and the name of one backup."""
    folder, _, name = location.rpartition("/")
    if not name:
        raise BackupFailed(f"{location} is a folder: name the file")
    return place(folder or ("." if "/" not in location else "/")), name


@contextmanager
def _clear_words(where: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotFoundError) as error:
        raise NoSuchBackup(f"{where}: there is no such file") from error
    except (BaseError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else _first_line(error)
        raise BackupFailed(f"{where}: {reason}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]
