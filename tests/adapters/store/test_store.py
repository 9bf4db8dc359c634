"""One port, two stores: the same tests on files and, over HTTP, on a real server of the S3 protocol."""

from __future__ import annotations

import socket
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.adapters.store.conftest import UseS3
from tests.adapters.store.swift import SECRET_KEY, Swift

from nproxy.assets import store
from nproxy.assets.rules import StoreUnavailable
from nproxy.assets.store import Store


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["files", "s3"])
def place(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Store:
    if request.param == "s3":
        swift = request.getfixturevalue("s3")
        return request.getfixturevalue("use_s3")(swift.endpoint)
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path / 'files'}"
    return store.configured()


@pytest.fixture
def path() -> str:
    return f"ab/{uuid.uuid4()}/original.jpg"


async def _streamed(place: Store, path: str, start: int, stop: int) -> list[bytes]:
    return [chunk async for chunk in await place.stream(path, start, stop)]


def test_what_was_put_is_read_byte_for_byte(place: Store, path: str) -> None:
    place.put(path, b"\x00\xff" * 1000)
    assert place.read(path) == b"\x00\xff" * 1000


def test_a_second_put_replaces_the_first(place: Store, path: str) -> None:
    place.put(path, b"one")
    place.put(path, b"two")
    assert place.read(path) == b"two"


async def test_the_event_loop_reads_and_writes_the_same(place: Store, path: str) -> None:
    await place.put_async(path, b"picture")
    assert await place.read_async(path) == place.read(path) == b"picture"


async def test_a_file_is_streamed_in_chunks(place: Store, path: str) -> None:
    data = bytes(range(256)) * 8192
    await place.put_async(path, data)
    chunks = await _streamed(place, path, 0, len(data))
    assert b"".join(chunks) == data
    assert len(chunks) > 3
    assert all(type(chunk) is bytes for chunk in chunks)


async def test_a_part_of_a_file_is_streamed(place: Store, path: str) -> None:
    await place.put_async(path, b"0123456789")
    assert await _streamed(place, path, 3, 6) == [b"345"]


async def test_a_missing_file_is_missing_before_the_first_chunk(place: Store, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        await place.stream(path, 0, 5)
    with pytest.raises(FileNotFoundError):
        await place.read_async(path)
    with pytest.raises(FileNotFoundError):
        place.read(path)


def test_deleting_removes_and_does_not_mind_what_is_gone(place: Store, path: str) -> None:
    place.put(path, b"x")
    place.delete([path, path, "ab/never/was.jpg"])
    with pytest.raises(FileNotFoundError):
        place.read(path)
    place.put(path, b"again")
    assert place.read(path) == b"again"


def test_the_list_tells_path_and_age_of_one_folder_or_of_all(place: Store) -> None:
    one, other = f"cd/{uuid.uuid4()}", f"cd/{uuid.uuid4()}"
    for path in (f"{one}/original.png", f"{one}/640.webp", f"{other}/original.png"):
        place.put(path, b"x")
    of_one = [file for batch in place.files(one) for file in batch]
    of_all = {file.path for batch in place.files() for file in batch}
    assert {file.path for file in of_one} == {f"{one}/original.png", f"{one}/640.webp"}
    assert of_all >= {f"{one}/original.png", f"{one}/640.webp", f"{other}/original.png"}
    assert all(abs(datetime.now(UTC) - file.modified_at) < timedelta(minutes=5) for file in of_one)
    assert list(place.files(f"cd/{uuid.uuid4()}")) == []


def test_a_file_store_knows_its_free_space_and_s3_does_not(place: Store) -> None:
    free = place.free_bytes()
    assert free is None if place.root is None else free is not None and free > 0


def test_a_file_store_leaves_no_empty_folders_and_is_closed_to_others(
    settings: Settings, tmp_path: Path
) -> None:
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path / 'files'}"
    place = store.configured()
    place.put("ab/c/x.png", b"x")
    place.delete(["ab/c/x.png"])
    assert list((tmp_path / "files").iterdir()) == []
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0


def test_without_a_path_files_lie_under_the_data_directory(settings: Settings, tmp_path: Path) -> None:
    settings.NPROXY_STORAGE_URL = "file:"
    settings.NPROXY_DATA_DIR = tmp_path
    assert store.configured().root == tmp_path / "files"


async def test_a_missing_bucket_is_told_in_one_line(s3: Swift, use_s3: UseS3) -> None:
    place = use_s3(s3.endpoint, bucket="nowhere")
    with pytest.raises(StoreUnavailable, match=r"^bucket nowhere at http\S+: there is no such bucket$"):
        place.put("ab/c/x.png", b"x")
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        await place.read_async("ab/c/x.png")
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        list(place.files())


def test_a_server_that_is_down_is_told_in_one_line(use_s3: UseS3) -> None:
    place = use_s3(f"http://127.0.0.1:{_free_port()}")
    with pytest.raises(StoreUnavailable, match=r"cannot be reached$") as error:
        place.put("ab/c/x.png", b"x")
    assert SECRET_KEY not in str(error.value)


def test_a_folder_that_cannot_be_made_is_told_in_one_line(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path / 'taken' / 'files'}"
    with pytest.raises(StoreUnavailable, match="Not a directory"):
        store.configured()
