"""The stand-in's application: the wire under `/bot<token>/<method>`, phones and orders beside it."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime

from aiohttp import web

from nproxy_sandbox.control import Call, Control, Trouble
from nproxy_sandbox.telegram import faults
from nproxy_sandbox.telegram.chats import Switchboard
from nproxy_sandbox.telegram.faults import AS_HTML, REFUSALS, TOO_MANY, Refusal, Refused
from nproxy_sandbox.telegram.methods import BOT_ID, Method, Methods, Parameters
from nproxy_sandbox.telegram.phones import add_phones
from nproxy_sandbox.wreckage import WHOLE, WRECKS, Answer

# Shaped like a real one, so that whatever hides those hides it too.
TOKEN = f"{BOT_ID}:AAsandbox-telegram-token-0123456789"
DEFAULT_WAIT = 3.0


def make_control() -> Control:
    """Orders and memory of one stand-in; its keys are the methods' names in lower case."""
    return Control(faults.SAYS, default_flaky="internal")


def make_app(control: Control, board: Switchboard, token: str = TOKEN) -> web.Application:
    """The stand-in over one switchboard, for the bot with this token."""
    app = web.Application()
    wire = Wire(control, board, token)
    app.router.add_route("*", "/bot{token}/{method}", wire.call)
    add_phones(app, control, board, token)
    return app


class Wire:
    """The one handler: every method has the same envelope."""

    def __init__(self, control: Control, board: Switchboard, token: str) -> None:
        self._control = control
        self._token = token
        self._methods = Methods(board)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """GET or POST; parameters in the query, a form or JSON."""
        token, name = request.match_info["token"], request.match_info["method"].lower()
        call = self._control.seen(datetime.now(UTC).isoformat(timespec="milliseconds"), name, token)
        trouble = self._control.trouble(name)
        call.fault = trouble.fault or None
        try:
            _refuse(trouble)
            result = await self._method(token, name)(await _parameters(request))
        except Refused as refused:
            return _refused(call, refused.refusal)
        return await _sent(request, call, trouble, result)

    def _method(self, token: str, name: str) -> Method:
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise Refused(faults.UNAUTHORIZED)
        if name not in self._methods.by_name:
            raise Refused(faults.UNKNOWN_METHOD)
        return self._methods.by_name[name]


def _refuse(trouble: Trouble) -> None:
    if trouble.fault == TOO_MANY:
        raise Refused(faults.too_many(DEFAULT_WAIT if trouble.seconds is None else trouble.seconds))
    if refusal := REFUSALS.get(trouble.fault):
        raise Refused(refusal)


async def _parameters(request: web.Request) -> Parameters:
    given: dict[str, str] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        given |= {name: each if isinstance(each, str) else json.dumps(each) for name, each in body.items()}
    else:
        given |= {name: str(each) for name, each in (await request.post()).items()}
    return given


async def _sent(request: web.Request, call: Call, trouble: Trouble, result: object) -> web.StreamResponse:
    body = json.dumps({"ok": True, "result": result}).encode()
    call.sent = len(body)
    response = await WRECKS.get(trouble.fault, WHOLE).play(Answer(request, body, trouble.seconds))
    call.status = response.status
    return response


def _refused(call: Call, refused: Refusal) -> web.Response:
    call.status = refused.code
    if call.fault in AS_HTML:
        page = f"<html><head><title>{refused.code} {refused.description}</title></head></html>"
        return web.Response(status=refused.code, text=page, content_type="text/html")
    body: dict[str, object] = {
        "ok": False,
        "error_code": refused.code,
        "description": refused.description,
    }
    if refused.retry_after is not None:
        body["parameters"] = {"retry_after": refused.retry_after}
    return web.json_response(body, status=refused.code)
