"""`GET /images/<id>/<variant>`: a person's own pictures, streamed on the async lane.

Nothing is held while the bytes flow: no thread, no database connection. A picture never changes, so
its address may be cached for ever, privately. Everyone else's pictures do not exist (404).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from nproxy.assets import actions as assets
from nproxy.assets import queries as pictures
from nproxy.assets.queries import PictureFile
from nproxy.assets.rules import EXTENSIONS
from nproxy.kit.ids import short_code
from nproxy.kit.threads import in_database
from nproxy.web.gallery import ranges
from nproxy.web.signed_in import person_id

CACHING: Final = "private, max-age=31536000, immutable"
# Opened by itself, a picture is a page: it may run nothing and load nothing.
POLICY: Final = "default-src 'none'; sandbox"


@require_safe
async def image(request: HttpRequest, asset_id: UUID, variant: str) -> HttpResponseBase:
    person = await person_id(request)
    if person is None:
        return _refusal(HTTPStatus.NOT_FOUND)
    try:
        file = await assets.find_file(user_id=person, asset_id=asset_id, variant=variant)
        response = await _answer(request, file)
    except assets.UnknownAsset:
        return _refusal(HTTPStatus.NOT_FOUND)
    except assets.BytesMissing:
        await in_database(assets.report_missing, asset_id, now=timezone.now())
        return _refusal(HTTPStatus.NOT_FOUND)
    except assets.StoreUnavailable:
        return _refusal(HTTPStatus.SERVICE_UNAVAILABLE)
    for name, value in {
        "ETag": file.etag,
        "Cache-Control": CACHING,
        "Content-Security-Policy": POLICY,
    }.items():
        response.headers[name] = value
    return response


async def _answer(request: HttpRequest, file: PictureFile) -> HttpResponseBase:
    if _has_it_already(request, file):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    try:
        part = ranges.part(_range(request, file), file.size)
    except ranges.NotSatisfiable:
        return _part_refused(file)
    start, stop = part or (0, file.size)
    headers = _headers(request, file)
    response: HttpResponseBase = HttpResponse(headers=headers)
    if request.method != "HEAD":
        response = StreamingHttpResponse(await pictures.stream(file, start, stop), headers=headers)
    if part:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    response.headers["Content-Length"] = str(stop - start)
    return response


def _has_it_already(request: HttpRequest, file: PictureFile) -> bool:
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    return file.etag in known or "*" in known


def _range(request: HttpRequest, file: PictureFile) -> str | None:
    """The `Range` asked for, unless `If-Range` shows that the asker holds a part of something else."""
    if request.headers.get("If-Range", file.etag) != file.etag:
        return None
    return request.headers.get("Range")


def _headers(request: HttpRequest, file: PictureFile) -> dict[str, str]:
    return {
        "Content-Type": file.media_type,
        "Content-Disposition": content_disposition_header("download" in request.GET, _filename(file)) or "",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }


def _filename(file: PictureFile) -> str:
    return f"nproxy_{file.created_at:%Y-%m-%d}_{short_code(file.asset_id)}.{EXTENSIONS[file.media_type]}"


def _part_refused(file: PictureFile) -> HttpResponse:
    headers = {"Content-Range": f"bytes */{file.size}"}
    return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)


def _refusal(status: HTTPStatus) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "Content-Type": "text/plain"}
    return HttpResponse(status.phrase, status=status, headers=headers)
