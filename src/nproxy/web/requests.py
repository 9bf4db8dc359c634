"""Each request has an id: on every line that is logged while it is answered, and in the answer's own header.

One line tells how it ended, by the pattern of its address: the addresses themselves may hold what signs people in.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from nproxy.kit import logs
from nproxy.kit.ids import new_id
from nproxy.web.both_lanes import BothLanes

HEADER = "X-Request-Id"
# Asked every few seconds by machines.
QUIET = ("/healthz", "/readyz", "/metrics", "/static/")

log = structlog.get_logger(__name__)


class Requests(BothLanes):
    """Middleware for both lanes, the outermost."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        with _named() as name:
            began = time.monotonic()
            response = self.get_response(request)
            assert isinstance(response, HttpResponseBase)  # noqa: S101 - the lane is synchronous
            return _told(request, response, name, began)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        with _named() as name:
            began = time.monotonic()
            response = self.get_response(request)
            assert not isinstance(response, HttpResponseBase)  # noqa: S101 - the lane is asynchronous
            return _told(request, await response, name, began)


@contextmanager
def _named() -> Iterator[str]:
    name = new_id().hex
    with logs.within(request=name):
        yield name


def _told(request: HttpRequest, response: HttpResponseBase, name: str, began: float) -> HttpResponseBase:
    response.headers[HEADER] = name
    if not request.path_info.startswith(QUIET):
        log.info(
            "request.answered",
            method=request.method,
            route=request.resolver_match.route if request.resolver_match else "",
            status=response.status_code,
            milliseconds=round((time.monotonic() - began) * 1000),
        )
    return response
