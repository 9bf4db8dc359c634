"""Uploads in parts that break off: nothing of them stays in the bucket, and others are let be."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Thread
from typing import IO, Any

import pytest
from tests.adapters.store.conftest import UseS3
from tests.adapters.store.road import Road, road_to
from tests.adapters.store.swift import Swift
from tests.journeys.stack import eventually

from nproxy.assets import store
from nproxy.assets.rules import StoreUnavailable
from nproxy.backups import places
from nproxy.kit import s3_uploads

MUCH = bytes(40 * 2**20)
Writing = Callable[[str], AbstractContextManager[IO[bytes] | Any]]


def by_export(path: str) -> AbstractContextManager[Any]:
    return store.configured().writing(path)


def by_backup(path: str) -> AbstractContextManager[IO[bytes]]:
    return places.place("s3://pictures").writing(path)


def unfinished(path: str) -> list[str]:
    return s3_uploads._unfinished("pictures", path)


def breaks_off(writing: Writing) -> None:
    with writing("exports/broken") as out:
        out.write(MUCH)
        assert eventually(lambda: unfinished("exports/broken") or None, "an upload")
        raise ZeroDivisionError


def meets_a_busy_server(place: store.Store, road: Road) -> None:
    with place.writing("exports/busy") as out:
        road.busy = 1000
        out.write(MUCH)


@pytest.mark.parametrize("writing", [by_export, by_backup])
def test_what_breaks_off_leaves_no_parts(s3: Swift, use_s3: UseS3, writing: Writing) -> None:
    use_s3(s3.endpoint)
    with writing("exports/other") as other:
        other.write(MUCH)
        with pytest.raises(ZeroDivisionError):
            breaks_off(writing)
        assert unfinished("exports/broken") == []
        assert eventually(lambda: unfinished("exports/other") or None, "the other upload")
    assert unfinished("exports/other") == []
    assert store.configured().read("exports/other") == MUCH
    store.configured().delete(["exports/other"])


def test_a_bucket_that_cannot_be_asked_hides_nothing_of_the_first_failure(s3: Swift, use_s3: UseS3) -> None:
    with road_to(s3.port) as road:
        place = use_s3(road.endpoint)
        with pytest.raises(StoreUnavailable, match="too busy"):
            meets_a_busy_server(place, road)


def says_nothing_of_use(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"What?\r\n\r\n")


def test_a_bucket_that_does_not_speak_http_is_no_second_failure(use_s3: UseS3) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        use_s3(f"http://127.0.0.1:{server.getsockname()[1]}")
        Thread(target=says_nothing_of_use, args=[server], daemon=True).start()
        assert s3_uploads.abandon("pictures", "exports/broken") == 0


def test_the_bucket_is_asked_directly_whatever_proxy_the_system_names(
    s3: Swift, use_s3: UseS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_s3(s3.endpoint)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    # urllib reads the system's settings once.
    monkeypatch.setattr(urllib.request, "_opener", None)
    assert unfinished("exports/none") == []
