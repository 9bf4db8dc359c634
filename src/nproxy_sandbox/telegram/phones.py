"""The stand-in's own addresses: phones for people (`/phones/…`), orders and log for scripts (`/sandbox/…`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from importlib.resources import files

from aiohttp import web
from aiohttp.typedefs import Handler

from nproxy_sandbox.console import Console, done, is_ticked, posted, text_of
from nproxy_sandbox.control import Control
from nproxy_sandbox.telegram import pages
from nproxy_sandbox.telegram.chats import Bubble, Switchboard, UnknownButton, UnknownPerson
from nproxy_sandbox.telegram.faults import SAYS

# A script of our own keeps the chat up to date; nothing comes from elsewhere.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; form-action 'self'"
    )
}
PHONE = "/phones/{person:\\d+}"
LONGEST_WAIT = 25.0
LOOK_EVERY = 0.05


def add_phones(app: web.Application, control: Control, board: Switchboard, token: str) -> None:
    """Give `app` the phones of `board`."""
    common = Console(control, SAYS, "Telegram")
    app.router.add_get("/sandbox/faults", common.list_faults)
    app.router.add_post("/sandbox/faults", common.order)
    app.router.add_get("/sandbox/log", common.log)
    phones = Phones(control, board, token)
    app.router.add_get("/", phones.first)
    app.router.add_get("/phone.js", phones.script)
    app.router.add_post("/phones", phones.arrive)
    app.router.add_get(PHONE, phones.page)
    app.router.add_get(PHONE + "/chat", phones.chat)
    app.router.add_post(PHONE + "/say", phones.say)
    app.router.add_post(PHONE + "/tap", phones.tap)
    app.router.add_post(PHONE + "/block", phones.block)
    app.router.add_get("/sandbox/phones", phones.everything)
    app.router.add_post("/sandbox/reset", phones.reset)
    app.middlewares.append(_in_plain_words)


@web.middleware
async def _in_plain_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Orders that make no sense are told so."""
    try:
        return await handler(request)
    except UnknownPerson as unknown:
        raise web.HTTPNotFound(text=f"Nobody here has the number {unknown}.") from None
    except UnknownButton as unknown:
        raise web.HTTPBadRequest(text=f"There is no button {unknown} under that message.") from None


class Phones:
    """The handlers. What is posted may be JSON or a form; a form is sent back to its phone."""

    def __init__(self, control: Control, board: Switchboard, token: str) -> None:
        self._control = control
        self._board = board
        self._token = token

    async def first(self, _: web.Request) -> web.StreamResponse:
        """GET /: whoever comes first."""
        raise web.HTTPFound(f"/phones/{min(self._board.people)}")

    async def script(self, _: web.Request) -> web.StreamResponse:
        """GET /phone.js."""
        text = files(__package__).joinpath("phone.js").read_text("utf-8")
        return web.Response(text=text, content_type="text/javascript")

    async def page(self, request: web.Request) -> web.StreamResponse:
        """GET /phones/{person}."""
        person = self._board.person(_number(request))
        text = pages.phone(self._board, person, self._control, str(request.url.origin()), self._token)
        return web.Response(text=text, content_type="text/html", headers=PAGE_HEADERS)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """GET …/chat?after=REVISION: the conversation, as soon as it is another than that one; 204 when it stays."""
        person = self._board.person(_number(request))
        chat = self._board.chat(person.id)
        after = int(request.query.get("after", -1))
        give_up = time.monotonic() + LONGEST_WAIT
        while chat.revision == after:
            if time.monotonic() > give_up:
                return web.Response(status=204)
            await asyncio.sleep(LOOK_EVERY)
        revision = str(chat.revision)
        return web.Response(
            text=pages.conversation(chat, person), content_type="text/html", headers={"X-Revision": revision}
        )

    async def say(self, request: web.Request) -> web.StreamResponse:
        """POST …/say {"text": "/start", "group": false}."""
        asked = await posted(request)
        if text := text_of(asked, "text"):
            self._board.say(_number(request), text, in_group=bool(asked.get("group")))
        return done(request, _phone(request))

    async def tap(self, request: web.Request) -> web.StreamResponse:
        """POST …/tap {"message": 12, "data": "home", "forged": false}."""
        asked = await posted(request)
        tap = self._board.tap(
            _number(request), int(str(asked["message"])), str(asked["data"]), forged=bool(asked.get("forged"))
        )
        return done(request, _phone(request), {"tap": tap})

    async def block(self, request: web.Request) -> web.StreamResponse:
        """POST …/block {"blocked": true}."""
        asked = await posted(request)
        self._board.block(_number(request), blocked=is_ticked(asked, "blocked"))
        return done(request, _phone(request))

    async def arrive(self, request: web.Request) -> web.StreamResponse:
        """POST /phones {"name": "Fay", "username": "fay"}: somebody new."""
        asked = await posted(request)
        person = self._board.arrive(text_of(asked, "name") or "Somebody", text_of(asked, "username"))
        return done(request, f"/phones/{person.id}", {"id": person.id})

    async def everything(self, _: web.Request) -> web.StreamResponse:
        """GET /sandbox/phones: everybody, with what is on their screens."""
        with self._board.lock:
            shown = [
                {
                    "id": one.id,
                    "name": one.name,
                    "username": one.username,
                    "blocked": one.has_blocked,
                    "toast": one.toast,
                    "messages": [_shown(each) for each in self._board.chat(one.id).bubbles],
                }
                for one in self._board.people.values()
            ]
        return web.json_response({"phones": shown, "commands": self._board.commands})

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/reset: as it was at the start."""
        self._board.reset()
        self._control.reset()
        return done(request)


def _shown(bubble: Bubble) -> Mapping[str, object]:
    return {
        "number": bubble.number,
        "from": bubble.sender.name if bubble.sender else "bot",
        "text": bubble.said.text,
        "edits": bubble.edits,
        "sent_at": bubble.sent_at,
        "buttons": [
            [button["text"], button.get("callback_data", "")] for row in bubble.keyboard for button in row
        ],
    }


def _number(request: web.Request) -> int:
    return int(request.match_info["person"])


def _phone(request: web.Request) -> str:
    return f"/phones/{_number(request)}"
