"""The two lanes behind the real server: what waits takes no thread, what is slow stops nobody."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from granian.server.embed import Server

from nproxy.cli.process import allow_many_files
from nproxy.cli.serving import BACKLOG, server
from nproxy.config import asgi
from nproxy.config.asgi import LARGEST_BODY, PAGE_THREADS, Lanes

SIZE = 20 * 2**20
PATIENCE = 60
seen: dict[str, Any] = {}


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{threading.current_thread().name} {request.GET.get('q', '')}")


def meet(request: HttpRequest) -> HttpResponse:
    """Answers only once as many requests are inside as there are page threads."""
    seen["barrier"].wait(timeout=PATIENCE)
    return HttpResponse("met")


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.read())))


def forwarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META.get("HTTP_X_FORWARDED_FOR", "nobody"))


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"a" * 70_000, b"b" * 70_000], content_type="text/plain")


async def wait(request: HttpRequest) -> HttpResponse:
    seen["waiting"] = seen.get("waiting", 0) + 1
    try:
        await seen["release"].wait()
    except asyncio.CancelledError:
        seen["given up"] = seen.get("given up", 0) + 1
        raise
    finally:
        seen["waiting"] -= 1
    return HttpResponse("changed")


async def image(request: HttpRequest) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(200):
                yield b"x" * 2**18
        finally:
            seen["closed"] = True

    return StreamingHttpResponse(chunks())


urlpatterns = [
    path("page/", page),
    path("meet/", meet),
    path("echo/", echo),
    path("forwarded/", forwarded),
    path("broken/", broken),
    path("streamed/", streamed),
    path("updates/", wait),
    path("images/one", image),
]


class Site:
    """A running server and a client for it."""

    def __init__(self, lanes: Lanes, server: Server, port: int, client: aiohttp.ClientSession) -> None:
        self.lanes, self.server, self.port, self.client = lanes, server, port, client

    async def get(self, address: str) -> tuple[int, str]:
        async with self.client.get(f"http://127.0.0.1:{self.port}{address}") as answer:
            return answer.status, await answer.text()


@pytest.fixture(autouse=True)
def _these_pages(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    seen.clear()


@asynccontextmanager
async def running() -> AsyncIterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    seen["release"] = asyncio.Event()
    lanes = Lanes()
    site_server = server(lanes, "127.0.0.1", port, connections=4 * BACKLOG)
    serving = asyncio.create_task(site_server.serve())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        site = Site(lanes, site_server, port, client)
        await until(lambda: accepts(port))
        try:
            yield site
        finally:
            seen["release"].set()
            site_server.stop()
            await asyncio.wait_for(serving, 30)


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what it waits for may be in another thread
            await asyncio.sleep(0.01)


async def test_fifty_waits_take_no_thread_and_stop_no_page() -> None:
    async with running() as site:
        await site.get("/page/")
        threads = threading.active_count()
        waits = [asyncio.create_task(site.get("/updates/")) for _ in range(50)]
        await until(lambda: seen.get("waiting") == 50)
        assert threading.active_count() <= threads
        assert [await site.get("/page/") for _ in range(10)]
        seen["release"].set()
        assert set(await asyncio.gather(*waits)) == {(200, "changed")}


async def test_pages_that_wait_shut_nobody_out_however_many_they_are() -> None:
    allow_many_files()
    crowd = BACKLOG + 100
    async with running() as site:
        waits = [asyncio.create_task(site.get("/updates/")) for _ in range(crowd)]
        await until(lambda: seen.get("waiting") == crowd)
        assert (await site.get("/page/"))[0] == 200
        seen["release"].set()
        assert set(await asyncio.gather(*waits)) == {(200, "changed")}


async def test_no_answer_names_the_server_that_gives_it() -> None:
    async with running() as site:
        for address in ("/page/", "/images/one", "/nowhere/"):
            async with site.client.get(f"http://127.0.0.1:{site.port}{address}") as answer:
                assert answer.headers.getall("server") == [""]


async def test_what_waits_or_streams_asks_for_https_for_a_year_too(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    async with running() as site, site.client.get(f"http://127.0.0.1:{site.port}/images/one") as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_pages_run_side_by_side_in_as_many_threads_as_there_are() -> None:
    async with running() as site:
        seen["barrier"] = threading.Barrier(PAGE_THREADS)
        answers = await asyncio.gather(*(site.get("/meet/") for _ in range(PAGE_THREADS)))
        assert answers == [(200, "met")] * PAGE_THREADS


async def test_uploads_that_trickle_in_hold_no_page_thread() -> None:
    async with running() as site:
        finish = asyncio.Event()

        async def trickle() -> AsyncIterator[bytes]:
            yield b"x"
            await finish.wait()
            yield b"x"

        async def upload() -> str:
            async with site.client.post(f"http://127.0.0.1:{site.port}/echo/", data=trickle()) as answer:
                return await answer.text()

        uploads = [asyncio.create_task(upload()) for _ in range(PAGE_THREADS * 2)]
        await asyncio.sleep(0.1)
        assert (await site.get("/page/?q=meanwhile"))[1].endswith("meanwhile")
        finish.set()
        assert set(await asyncio.gather(*uploads)) == {"2"}


async def test_an_upload_that_breaks_off_never_reaches_a_page() -> None:
    async with running() as site:
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"POST /meet/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        seen["barrier"] = threading.Barrier(2)
        writer.close()
        await asyncio.sleep(0.1)
        assert seen["barrier"].n_waiting == 0


async def test_a_body_of_twenty_megabytes_arrives_whole() -> None:
    async with running() as site:
        data = io.BytesIO(bytes(SIZE))
        async with site.client.post(f"http://127.0.0.1:{site.port}/echo/", data=data) as answer:
            assert await answer.text() == str(SIZE)


async def test_a_body_over_the_limit_is_told_so() -> None:
    async with running() as site:
        data = io.BytesIO(bytes(LARGEST_BODY + 1))
        async with site.client.post(f"http://127.0.0.1:{site.port}/echo/", data=data) as answer:
            assert answer.status == 413
            assert "20 MB" in await answer.text()
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_program_is_told_in_json_that_its_body_is_over_the_limit() -> None:
    async with (
        running() as site,
        site.client.post(
            f"http://127.0.0.1:{site.port}/echo/",
            data=io.BytesIO(bytes(LARGEST_BODY + 1)),
            headers={"Accept": "application/json"},
        ) as answer,
    ):
        assert answer.status == 413
        assert "20 MB" in (await answer.json())["errors"][""][0]


async def test_an_endless_body_is_not_read_for_ever() -> None:
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": bytes(2**20), "more_body": True}

    with pytest.raises(asgi.BodyTooLarge):
        await asgi._whole_body(receive)
    assert read * 2**20 <= asgi.MOST_READ + 2**20


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.05)
    async with running() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"POST /echo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
        assert b" 408 " in await asyncio.wait_for(reader.readline(), PATIENCE)
        writer.close()


async def test_a_header_with_an_underscore_does_not_pass_for_the_real_one() -> None:
    async with (
        running() as site,
        site.client.get(
            f"http://127.0.0.1:{site.port}/forwarded/", headers={"X_Forwarded_For": "6.6.6.6"}
        ) as answer,
    ):
        assert await answer.text() == "nobody"


async def test_head_has_the_length_and_no_body() -> None:
    async with running() as site, site.client.head(f"http://127.0.0.1:{site.port}/page/") as answer:
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 0
        assert await answer.read() == b""


async def test_a_streamed_page_arrives_whole() -> None:
    async with running() as site:
        assert await site.get("/streamed/") == (200, "a" * 70_000 + "b" * 70_000)


async def test_a_long_answer_waits_for_its_reader_on_disk() -> None:
    long = StreamingHttpResponse(b"x" * 2**20 for _ in range(40))
    tracemalloc.start()
    try:
        whole = asgi._whole_answer(long)
        assert isinstance(whole, StreamingHttpResponse)
        read = sum([len(part) async for part in whole])
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (read, whole.headers["Content-Length"]) == (40 * 2**20, str(40 * 2**20))
    assert most < 8 * 2**20


async def test_an_error_in_a_page_is_a_500_and_the_next_page_works() -> None:
    async with running() as site:
        assert (await site.get("/broken/"))[0] == 500
        assert (await site.get("/page/"))[0] == 200


async def test_a_wait_whose_client_leaves_is_given_up() -> None:
    async with running() as site:
        wait = asyncio.create_task(site.get("/updates/"))
        await until(lambda: seen.get("waiting") == 1)
        wait.cancel()
        await until(lambda: seen.get("given up") == 1)


async def test_a_stream_whose_client_leaves_is_closed() -> None:
    async with running() as site:
        async with site.client.get(f"http://127.0.0.1:{site.port}/images/one") as answer:
            await answer.content.read(1000)
            answer.close()
        await until(lambda: "closed" in seen)


async def test_draining_answers_open_waits_at_once_with_nothing_new() -> None:
    async with running() as site:
        waits = [asyncio.create_task(site.get("/updates/")) for _ in range(5)]
        await until(lambda: seen.get("waiting") == 5)
        site.lanes.drain()
        assert await asyncio.gather(*waits) == [(204, "")] * 5


async def test_a_synchronous_middleware_is_refused_in_the_async_lane(settings: Any) -> None:
    settings.ASYNC_LANE_MIDDLEWARE = [f"{__name__}.Synchronous"]
    with pytest.raises(Exception, match="synchronous"):
        Lanes()


class Synchronous:
    async_capable = False
