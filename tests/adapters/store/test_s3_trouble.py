"""What may be wrong between us and a bucket: clear words, nothing half stored, tried again where that may help."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.adapters.store import swift
from tests.adapters.store.conftest import UseS3
from tests.adapters.store.road import Road, road_to
from tests.adapters.store.swift import Swift

from nproxy.assets.rules import StoreUnavailable

PATH = "ab/c/x.png"
PICTURE = bytes(range(256)) * 4096  # 1 MB


@pytest.fixture
def road(s3: Swift) -> Iterator[Road]:
    with road_to(s3.port) as road:
        yield road


@pytest.mark.parametrize(
    ("key", "secret"), [(swift.ACCESS_KEY, "not the secret"), ("nobody:here", swift.SECRET_KEY)]
)
def test_wrong_credentials_are_told_and_not_repeated(s3: Swift, use_s3: UseS3, key: str, secret: str) -> None:
    place = use_s3(s3.endpoint, key=key, secret=secret)
    with pytest.raises(StoreUnavailable, match=r"access refused \(NPROXY_S3_ACCESS_KEY") as refused:
        place.put(PATH, b"x")
    assert secret not in str(refused.value)
    with pytest.raises(StoreUnavailable, match="access refused"):
        place.read(PATH)


def test_a_clock_that_is_wrong_is_named(s3: Swift, use_s3: UseS3) -> None:
    with s3.of_tomorrow() as endpoint:
        place = use_s3(endpoint)
        with pytest.raises(StoreUnavailable, match="clock"):
            place.put(PATH, b"x")


def test_a_busy_server_is_asked_again(road: Road, use_s3: UseS3) -> None:
    place = use_s3(road.endpoint)
    road.busy = 2
    place.put(PATH, PICTURE)
    assert place.read(PATH) == PICTURE
    road.busy = 2
    assert place.read(PATH) == PICTURE


def test_a_server_that_stays_busy_is_told(road: Road, use_s3: UseS3) -> None:
    place = use_s3(road.endpoint)
    road.busy = 1000
    with pytest.raises(StoreUnavailable, match="too busy"):
        place.put(PATH, b"x")
    assert road.connections < 20


async def test_an_upload_over_a_slow_line_arrives(road: Road, use_s3: UseS3) -> None:
    place = use_s3(road.endpoint)
    road.pause = 0.02  # 800 KB a second
    await place.put_async(PATH, PICTURE)
    road.pause = 0
    assert place.read(PATH) == PICTURE


def test_an_upload_that_is_cut_off_is_sent_again(road: Road, use_s3: UseS3) -> None:
    place = use_s3(road.endpoint)
    road.cut = 1
    place.put("ab/cut/x.png", PICTURE)
    assert place.read("ab/cut/x.png") == PICTURE


def test_an_upload_that_never_gets_through_leaves_nothing(s3: Swift, road: Road, use_s3: UseS3) -> None:
    place = use_s3(road.endpoint)
    road.cut = 1000
    with pytest.raises(StoreUnavailable):
        place.put("ab/half/x.png", PICTURE)
    with pytest.raises(FileNotFoundError):
        use_s3(s3.endpoint).read("ab/half/x.png")
