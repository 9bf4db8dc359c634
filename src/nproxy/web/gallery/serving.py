"""A stored file as an answer of the async lane: whole or a part, with what caches ask for.

Nothing is held while the bytes flow: no thread, no database connection.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from nproxy.assets import queries as pictures
from nproxy.assets.queries import ExportFile, PictureFile
from nproxy.web.gallery import ranges

# Opened by itself, a picture is a page: it may run nothing and load nothing.
POLICY = "default-src 'none'; sandbox"


async def answer(
    request: HttpRequest, file: PictureFile | ExportFile, name: str, *, caching: str, attached: bool
) -> HttpResponseBase:
    """The file, or the part of it that was asked for, under that name. Raises BytesMissing, StoreUnavailable."""
    headers = {
        "Content-Type": file.media_type,
        "Content-Disposition": content_disposition_header(attached, name) or "",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    response = await _answer(request, file, headers)
    for header, value in {
        "ETag": file.etag,
        "Cache-Control": caching,
        "Content-Security-Policy": POLICY,
    }.items():
        response.headers[header] = value
    return response


def refusal(status: HTTPStatus) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "Content-Type": "text/plain"}
    return HttpResponse(status.phrase, status=status, headers=headers)


async def _answer(
    request: HttpRequest, file: PictureFile | ExportFile, headers: dict[str, str]
) -> HttpResponseBase:
    if _has_it_already(request, file.etag):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    try:
        part = ranges.part(_range(request, file.etag), file.size)
    except ranges.NotSatisfiable:
        unmet = {"Content-Range": f"bytes */{file.size}"}
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unmet)
    start, stop = part or (0, file.size)
    response: HttpResponseBase = HttpResponse(headers=headers)
    if request.method != "HEAD":
        response = StreamingHttpResponse(await pictures.stream(file, start, stop), headers=headers)
    if part:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    response.headers["Content-Length"] = str(stop - start)
    return response


def _has_it_already(request: HttpRequest, etag: str) -> bool:
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    return etag in known or "*" in known


def _range(request: HttpRequest, etag: str) -> str | None:
    """The `Range` asked for, unless `If-Range` shows that the asker holds a part of something else."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    return request.headers.get("Range")
