"""Uploads in parts that came to nothing: S3 keeps their parts, unseen and paid for, until somebody says that they may go.

obstore cannot say so. The two calls that it takes are made here, signed by AWS signature 4.
"""

from __future__ import annotations

import hashlib
import hmac
import urllib.request
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Final
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import structlog
from django.conf import settings

SECONDS: Final = 10
NOTHING: Final = hashlib.sha256(b"").hexdigest()

# A bucket's list of some thousand uploads; there are a few.
LONGEST: Final = 5_000_000

log = structlog.get_logger(__name__)


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nobody: a signature is for the store alone."""

    def redirect_request(self, *_args: object) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stays)


def abandon(bucket: str, path: str) -> int:
    """Drop what an upload to `path` has sent so far; how many there were. It is no second failure when that fails."""
    try:
        ids = _unfinished(bucket, path)
        for upload_id in ids:
            _call("DELETE", f"/{bucket}/{path}", {"uploadId": upload_id})
    except (OSError, HTTPException, ET.ParseError) as error:
        log.warning("s3.parts_left", path=path, error=str(error))
        return 0
    return len(ids)


def _unfinished(bucket: str, path: str) -> list[str]:
    told = ET.fromstring(_call("GET", f"/{bucket}", {"uploads": "", "prefix": path}))  # noqa: S314 - of our own store
    uploads = (
        {_bare(part.tag): part.text or "" for part in each} for each in told if _bare(each.tag) == "Upload"
    )
    return [upload["UploadId"] for upload in uploads if upload.get("Key") == path]


def _bare(tag: str) -> str:
    """Without the namespace, which not every server writes."""
    return tag.rpartition("}")[2]


def _call(method: str, path: str, query: dict[str, str]) -> bytes:
    region = settings.NPROXY_S3_REGION or "us-east-1"
    endpoint = settings.NPROXY_S3_ENDPOINT or f"https://s3.{region}.amazonaws.com"
    asked = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
    headers = signed(
        method,
        urlsplit(endpoint).netloc,
        quote(path, safe="/-_.~"),
        asked,
        region=region,
        access_key=settings.NPROXY_S3_ACCESS_KEY,
        secret_key=settings.NPROXY_S3_SECRET_KEY,
        # A signature is good for some minutes around the moment of the call itself.
        now=datetime.now(UTC),
    )
    address = f"{endpoint.rstrip('/')}{quote(path, safe='/-_.~')}?{asked}"
    request = urllib.request.Request(address, method=method, headers=headers)  # noqa: S310 - the store's, http or https
    with _opener.open(request, timeout=SECONDS) as answer:
        whole: bytes = answer.read(LONGEST)
    return whole


def signed(
    method: str,
    host: str,
    path: str,
    query: str,
    *,
    region: str,
    access_key: str,
    secret_key: str,
    now: datetime,
) -> dict[str, str]:
    """The headers of a request without a body, by AWS signature 4. `path` and `query` as they are on the wire, sorted."""
    moment = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    headers = {"host": host, "x-amz-content-sha256": NOTHING, "x-amz-date": moment}
    names = ";".join(headers)
    lines = (f"{name}:{value}" for name, value in headers.items())
    canonical = "\n".join([method, path, query, *lines, "", names, NOTHING])
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(), "sha256").hex()
    credential = f"Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers | {"Authorization": f"AWS4-HMAC-SHA256 {credential}"}
