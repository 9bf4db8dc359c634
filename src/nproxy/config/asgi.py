"""The web process's front: one server, one port, one URL conf, two lanes (docs/adr/0003-two-lanes-without-wsgi.md).

Pages are plain synchronous Django in a few threads that never wait for a client; what waits or
streams stays on the event loop and holds neither a thread nor a database connection.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, cast

import django
from django.conf import settings
from django.core import signals
from django.core.exceptions import ImproperlyConfigured, RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

PAGE_THREADS = 8
LARGEST_BODY = 24 * 2**20  # 20 MB of pictures and the form around them
# What is too large is read on for a while, and no further: an endless body must not keep us busy.
MOST_READ = 4 * LARGEST_BODY
BODY_SECONDS = 600.0
IN_MEMORY = 2**20
LONG_POLLS = ("/updates/",)
ASYNC_LANE = (*LONG_POLLS, "/images/", "/exports/")
# Without one of ours, the server names itself.
NO_BANNER = (b"server", b"")


class BodyRefused(Exception):
    """The request's body will not be had; `status` says why."""

    status: HTTPStatus


class BodyTooLarge(BodyRefused):
    """It is over `LARGEST_BODY`."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BodyTooSlow(BodyRefused):
    """It was not there after `BODY_SECONDS`."""

    status = HTTPStatus.REQUEST_TIMEOUT


class PageLane(ASGIHandler):
    """Synchronous Django. The body is read before a thread is taken and the answer is whole when it
    is given back, so that eight slow uploads or eight slow readers do not stop the site.

    Straight to Django's own request, not over WSGI: a WSGI bridge reads the body from within the thread,
    takes a cut-off upload for a whole one, and lets `X_Forwarded_For` pass for `X-Forwarded-For`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="page")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with await _whole_body(receive) as body:
                await self._answer(scope, body, send)
        except RequestAborted:
            return
        except BodyRefused as fact:
            request, refusal = self.create_request(scope, io.BytesIO())
            response = refusal if request is None else _body_refused(request, fact.status)
            await self.send_response(response, send)  # type: ignore[arg-type]  # one of the two is there

    async def _answer(self, scope: Scope, body: IO[bytes], send: Send) -> None:
        request, refusal = self.create_request(scope, body)
        if request is None:
            await self.send_response(refusal, send)  # type: ignore[arg-type]  # one of the two is there
            return
        # The copy keeps one request's context variables (language, log fields) from the next one's.
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, context.run, self._page, request)
        await self.send_response(response, send)

    def _page(self, request: ASGIRequest) -> HttpResponseBase:
        signals.request_started.send(sender=type(self), scope=request.scope)
        response = self.get_response(request)
        response._handler_class = type(self)  # type: ignore[attr-defined]  # as Django's handlers do; unstubbed
        try:
            return _whole_answer(response)
        finally:
            response.close()


class AsyncLane(ASGIHandler):
    """Asynchronous Django without `ThreadSensitiveContext`, which would hold a thread and a connection
    for each waiting request, and without the per-request signals, which serve those alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._long_polls: set[asyncio.Task[HttpResponseBase]] = set()

    def load_middleware(self, is_async: bool = True) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]  # unstubbed
        for path in reversed(settings.ASYNC_LANE_MIDDLEWARE):
            middleware = import_string(path)
            if not getattr(middleware, "async_capable", False):
                raise ImproperlyConfigured(
                    f"ASYNC_LANE_MIDDLEWARE: {path} is synchronous; it would serialise every wait"
                )
            handler = convert_exception_to_response(middleware(handler))
        self._middleware_chain = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, refusal = self.create_request(scope, io.BytesIO())
        if request is None:
            await self.send_response(refusal, send)  # type: ignore[arg-type]  # one of the two is there
            return
        leaving = asyncio.create_task(_left(receive))
        view = asyncio.create_task(self.run_get_response(request))
        if scope["path"].startswith(LONG_POLLS):
            self._long_polls.add(view)
            view.add_done_callback(self._long_polls.discard)
        try:
            if await _unless(leaving, view):
                response = _nothing_new() if view.cancelled() else view.result()
                await _unless(leaving, asyncio.create_task(self.send_response(response, send)))
        finally:
            leaving.cancel()

    def long_polls(self) -> int:
        return len(self._long_polls)

    def drain(self) -> None:
        """Answer every open long poll with 204 now: the page asks again, and finds the next process."""
        for view in list(self._long_polls):
            view.cancel()


class Lanes:
    """The ASGI application: sends each request down its lane by its path."""

    def __init__(self) -> None:
        self._pages = PageLane()
        self._waiting = AsyncLane()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = self._waiting if scope["path"].startswith(ASYNC_LANE) else self._pages

        async def send_without_banner(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], NO_BANNER]}
            await send(message)

        await lane(scope, receive, send_without_banner)

    def long_polls(self) -> int:
        """How many pages wait for news in this process."""
        return self._waiting.long_polls()

    def drain(self) -> None:
        """Let go of everything that only waits, so that the server can finish the rest and end."""
        self._waiting.drain()


async def _whole_body(receive: Receive) -> tempfile.SpooledTemporaryFile[bytes]:
    """The request's body, on disk when it is large. Raises RequestAborted, BodyRefused."""
    body = tempfile.SpooledTemporaryFile[bytes](max_size=IN_MEMORY)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await _read_into(body, receive)
    except TimeoutError:
        body.close()
        raise BodyTooSlow from None
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def _read_into(body: IO[bytes], receive: Receive) -> None:
    """A body that is too large is read on to its end, up to `MOST_READ`: a client that still sends would
    see a reset connection and not the answer.
    """
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestAborted
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= LARGEST_BODY:
            body.write(chunk)
        more = message.get("more_body", False) and size <= MOST_READ
    if size > LARGEST_BODY:
        raise BodyTooLarge


def _body_refused(request: ASGIRequest, status: HTTPStatus) -> HttpResponseBase:
    """The answer in words, as JSON for programs, with the headers that every answer carries."""
    # Here and not above: they need the rooms, which are loaded below.
    from nproxy.web.security import ContentSecurityPolicy
    from nproxy.web.signed_in import by_script

    words = _("This took too long to arrive.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        words = _("This is too large: pictures may have 20 MB together.")
    response = (
        JsonResponse({"errors": {"": [words]}}, status=status)
        if by_script(request)
        else HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
    )
    return cast(HttpResponseBase, ContentSecurityPolicy(lambda _request: response)(request))


def _whole_answer(response: HttpResponseBase) -> HttpResponseBase:
    """The response with its content read. Static files are small; an export is as long as its list, and lies on
    disk until its reader has it.
    """
    if isinstance(response, HttpResponse):
        return response
    whole: HttpResponseBase
    if isinstance(response, FileResponse):
        response.block_size = ASGIHandler.chunk_size
        whole = HttpResponse(b"".join(response), status=response.status_code, headers=dict(response.items()))
    else:
        content = tempfile.SpooledTemporaryFile[bytes](max_size=IN_MEMORY)
        # Not writelines(): before Python 3.12 it looks at the size when all is in memory.
        for part in cast(StreamingHttpResponse, response):
            content.write(part)
        headers = {**dict(response.items()), "Content-Length": str(content.tell())}
        whole = StreamingHttpResponse(_read(content), status=response.status_code, headers=headers)
    whole.cookies = response.cookies
    return whole


async def _read(content: IO[bytes]) -> AsyncIterator[bytes]:
    with content:
        content.seek(0)
        # Just written, so it is in memory still: handing the reading to a thread takes longer than the reading.
        while part := content.read(ASGIHandler.chunk_size):
            yield part


def _nothing_new() -> HttpResponse:
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


async def _left(receive: Receive) -> None:
    """Return when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _unless(leaving: asyncio.Task[None], work: asyncio.Task[Any]) -> bool:
    """Wait for the work; True if it ended by itself, False if the client left first and it was cancelled."""
    await asyncio.wait((leaving, work), return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        return True
    work.cancel()
    await asyncio.wait((work,))
    return False


django.setup(set_prefix=False)
application = Lanes()
