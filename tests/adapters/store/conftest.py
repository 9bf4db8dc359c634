"""An S3 server that checks signatures, and who may come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings
from tests.adapters.store import swift
from tests.adapters.store.swift import Swift

from nproxy.assets import store
from nproxy.assets.store import Store

UseS3 = Callable[..., Store]


@pytest.fixture(scope="session")
def s3() -> Iterator[Swift]:
    """Swift with one bucket, `pictures`."""
    with swift.running() as running:
        running.make_bucket("pictures")
        yield running


@pytest.fixture
def use_s3(settings: Settings) -> UseS3:
    """Points the store at an endpoint."""

    def use(
        endpoint: str,
        *,
        bucket: str = "pictures",
        key: str = swift.ACCESS_KEY,
        secret: str = swift.SECRET_KEY,
    ) -> Store:
        settings.NPROXY_STORAGE_URL = f"s3://{bucket}"
        settings.NPROXY_S3_ENDPOINT = endpoint
        settings.NPROXY_S3_REGION = swift.REGION
        settings.NPROXY_S3_ACCESS_KEY = key
        settings.NPROXY_S3_SECRET_KEY = secret
        return store.configured()

    return use
