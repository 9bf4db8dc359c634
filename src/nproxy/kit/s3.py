"""A bucket of the S3-compatible service that NPROXY_S3_… names."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from django.conf import settings
from obstore.store import S3Store


def bucket(name: str) -> S3Store:
    """The bucket, with a few quick tries: a person is waiting, and the queue has retries of its own."""
    return _opened(
        name,
        settings.NPROXY_S3_ENDPOINT,
        settings.NPROXY_S3_REGION,
        settings.NPROXY_S3_ACCESS_KEY,
        settings.NPROXY_S3_SECRET_KEY,
    )


@cache
def _opened(name: str, endpoint: str, region: str, access_key: str, secret_key: str) -> S3Store:
    return S3Store(
        name,
        endpoint=endpoint or None,
        region=region or "us-east-1",
        access_key_id=access_key,
        secret_access_key=secret_key,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "read_timeout": timedelta(seconds=30),
            # A whole transfer, as slow as the slowest reader takes it.
            "timeout": timedelta(minutes=10),
        },
        # By default it would be ten tries in three minutes.
        retry_config={
            "max_retries": 3,
            "retry_timeout": timedelta(seconds=15),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        },
    )
