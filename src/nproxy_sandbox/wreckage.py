"""What can happen to an answer's bytes between a server and its caller, whatever the wire."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

CHUNK = 64 * 1024
TRICKLES = 20
# Longer than any caller's patience: the caller must be the one who gives up.
FOR_EVER = 3600.0
TRICKLE_SECONDS = 20.0
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Answer:
    """The honest `body` on its way back to `request`; `seconds` for what takes time, if any were given."""

    request: web.Request
    body: bytes
    seconds: float | None


Play = Callable[[Answer], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Wreck:
    """A trouble of the wire: `play` sends what is left of the answer."""

    name: str
    says: str
    play: Play


async def whole(answer: Answer) -> web.StreamResponse:
    """Nothing happens."""
    return web.Response(body=answer.body, content_type="application/json", charset="UTF-8")


WHOLE = Wreck("", "a whole answer", whole)


async def reset_before_answer(answer: Answer) -> web.StreamResponse:
    """TCP reset in place of an answer."""
    _reset(answer)
    return web.Response()


async def closed_before_answer(answer: Answer) -> web.StreamResponse:
    """An orderly close in place of an answer: "server disconnected without sending a response"."""
    if answer.request.transport is not None:
        answer.request.transport.close()
    return web.Response()


async def reset_mid_body(answer: Answer) -> web.StreamResponse:
    """TCP reset after half of the promised bytes."""
    response = await _promised(answer, len(answer.body))
    await _send(response, answer.body[: len(answer.body) // 2])
    _reset(answer)
    return response


async def closed_mid_body(answer: Answer) -> web.StreamResponse:
    """An orderly close after half of the promised bytes."""
    response = await _promised(answer, len(answer.body))
    await _send(response, answer.body[: len(answer.body) // 2])
    if answer.request.transport is not None:
        answer.request.transport.close()
    return response


async def truncated_json(answer: Answer) -> web.StreamResponse:
    """A complete HTTP answer whose JSON ends in the middle."""
    return web.Response(body=answer.body[: len(answer.body) // 2], content_type="application/json")


async def hang(answer: Answer) -> web.StreamResponse:
    """Not one byte for `seconds`, or for ever; then the connection is closed."""
    await asyncio.sleep(FOR_EVER if answer.seconds is None else answer.seconds)
    return await closed_before_answer(answer)


async def stall_mid_body(answer: Answer) -> web.StreamResponse:
    """Half of the bytes, then silence for `seconds`, or for ever; then the connection is closed."""
    response = await _promised(answer, len(answer.body))
    await _send(response, answer.body[: len(answer.body) // 2])
    await asyncio.sleep(FOR_EVER if answer.seconds is None else answer.seconds)
    if answer.request.transport is not None:
        answer.request.transport.close()
    return response


async def trickle(answer: Answer) -> web.StreamResponse:
    """A whole, good answer, drop by drop over `seconds`."""
    response = await _promised(answer, len(answer.body))
    pause = (TRICKLE_SECONDS if answer.seconds is None else answer.seconds) / TRICKLES
    drop = len(answer.body) // TRICKLES + 1
    for start in range(0, len(answer.body), drop):
        await response.write(answer.body[start : start + drop])
        await asyncio.sleep(pause)
    return response


def padded(megabytes: int) -> Play:
    """A good answer in `megabytes` (of a million bytes) of body: white space before its last brace."""

    async def play(answer: Answer) -> web.StreamResponse:
        whole = megabytes * MEGABYTE
        response = await _promised(answer, whole)
        await _send(response, answer.body[:-1])
        blanks = b" " * CHUNK
        missing = whole - len(answer.body)
        while missing > 0:
            await response.write(blanks[:missing])
            missing -= CHUNK
        await response.write(answer.body[-1:])
        return response

    return play


async def compressed(answer: Answer) -> web.StreamResponse:
    """A good answer, gzipped although the caller may not have asked for it."""
    return _gzipped([answer.body])


async def compressed_bomb(answer: Answer) -> web.StreamResponse:
    """A few hundred kilobytes that unpack to more than 200 MB."""
    return _gzipped([answer.body[:-1], *[b" " * MEGABYTE] * 200, answer.body[-1:]])


async def redirect(answer: Answer) -> web.StreamResponse:
    """302 to the page that Google shows to addresses it distrusts; following it is noted in the log."""
    return web.Response(
        status=302,
        headers={"Location": str(answer.request.url.origin() / "sandbox/trap")},
        text="<HTML><HEAD><TITLE>302 Moved</TITLE></HEAD><BODY><H1>302 Moved</H1></BODY></HTML>",
        content_type="text/html",
    )


def page(status: int, title: str, words: str) -> Play:
    """An HTML page of a front end in place of JSON."""

    async def play(_: Answer) -> web.StreamResponse:
        head = f"<!DOCTYPE html><html><head><title>{title}</title></head>"
        text = f"{head}<body><h1>{title}</h1><p>{words}</p></body></html>"
        return web.Response(status=status, text=text, content_type="text/html")

    return play


def bare(status: int, text: str = "") -> Play:
    """A plain text of a front end, or nothing at all, in place of JSON."""

    async def play(_: Answer) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="text/plain")

    return play


SORRY = (
    "We're sorry... but your computer or network may be sending automated queries. To protect our users, "
    "we can't process your request right now."
)
WRECKS = {
    wreck.name: wreck
    for wreck in (
        Wreck("reset", "TCP reset before an answer", reset_before_answer),
        Wreck("closed", "connection closed before an answer", closed_before_answer),
        Wreck("reset_mid_body", "TCP reset half-way through the body", reset_mid_body),
        Wreck("closed_mid_body", "connection closed half-way through the body", closed_mid_body),
        Wreck("truncated_json", "200 with JSON that ends in the middle", truncated_json),
        Wreck("hang", "no byte, for ever or for the given seconds", hang),
        Wreck("stall_mid_body", "half a body, then silence", stall_mid_body),
        Wreck("trickle", "a good answer, slowly (20 s or the given seconds)", trickle),
        Wreck("huge_60mb", "a good answer in a body of 60 MB", padded(60)),
        Wreck("huge_70mb", "a good answer in a body of 70 MB, over any sane cap", padded(70)),
        Wreck("gzip", "a good answer, gzipped unasked", compressed),
        Wreck("gzip_bomb", "a small gzipped body that unpacks to 200 MB", compressed_bomb),
        Wreck("redirect", "302 to an HTML page", redirect),
        Wreck("sorry", "403 HTML: the egress address is blocked", page(403, "Sorry...", SORRY)),
        Wreck(
            "html_500",
            "500 HTML of a front end",
            page(500, "Error 500 (Server Error)!!1", "That's an error."),
        ),
        Wreck("html_502", "502 HTML of a front end", page(502, "502 Bad Gateway", "nginx")),
        Wreck(
            "html_200",
            "200 with an HTML page: a captive portal",
            page(200, "Welcome", "Please accept the terms."),
        ),
        Wreck(
            "text_503",
            "503 plain text of a front end",
            bare(503, "upstream connect error or disconnect/reset"),
        ),
        Wreck("empty_500", "500 without a body", bare(500)),
        Wreck("empty_200", "200 without a body", bare(200)),
        Wreck("text_413", "413 plain text of a front end", bare(413, "Request Entity Too Large")),
    )
}


async def wrecked(request: web.Request, fault: str, seconds: float | None, body: bytes) -> web.StreamResponse:
    """The answer `body`, whole, or wrecked on its way when `fault` is a wreck."""
    return await WRECKS.get(fault, WHOLE).play(Answer(request, body, seconds))


def _reset(answer: Answer) -> None:
    if answer.request.transport is not None:
        reset_transport(answer.request.transport)


def reset_transport(transport: asyncio.WriteTransport) -> None:
    """End a connection by RST."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        # Lingering for zero seconds makes close() send RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _promised(answer: Answer, length: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json; charset=UTF-8"})
    response.content_length = length
    await response.prepare(answer.request)
    return response


async def _send(response: web.StreamResponse, body: bytes) -> None:
    for start in range(0, len(body), CHUNK):
        await response.write(body[start : start + CHUNK])


def _gzipped(pieces: list[bytes]) -> web.Response:
    packer = zlib.compressobj(wbits=31, level=1)
    packed = b"".join([*map(packer.compress, pieces), packer.flush()])
    return web.Response(body=packed, content_type="application/json", headers={"Content-Encoding": "gzip"})
