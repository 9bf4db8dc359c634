"""The Gemini stand-in's application: keys, models, generateContent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from math import inf

from aiohttp import web
from aiohttp.typedefs import Handler

from nproxy_sandbox.console import add_console
from nproxy_sandbox.control import Call, Control, Trouble, UnknownFault, digest, without_orders
from nproxy_sandbox.drawing.painter import Commission
from nproxy_sandbox.drawing.remake import BadSource
from nproxy_sandbox.drawing.studio import Studio
from nproxy_sandbox.gemini import errors
from nproxy_sandbox.gemini.answers import MEDIA_TYPES, Setting, encoded
from nproxy_sandbox.gemini.errors import Refused
from nproxy_sandbox.gemini.faults import MEETS_LISTING, ODDITIES, REFUSALS, SAYS
from nproxy_sandbox.gemini.listing import model_page, model_resource
from nproxy_sandbox.gemini.models import MODELS, RETIRED, Model
from nproxy_sandbox.gemini.oddities import HONEST, Drawing
from nproxy_sandbox.gemini.refusals import Asked
from nproxy_sandbox.gemini.wire import Wish, decoded, read_wish, words_of
from nproxy_sandbox.serving import BODY_LIMIT
from nproxy_sandbox.wreckage import WRECKS, wrecked

# The official client asks v1 since its 3.x, others v1beta: the wire is the same.
MODELS_PATH = "/{version:v1|v1beta}/models"
KEY_HEADER = "x-goog-api-key"
# The client's own deadline in seconds, which the SDK sends along.
PATIENCE_HEADER = "x-server-timeout"
PROMPT_START = 80
LOOK_EVERY = 0.2


def make_app(control: Control, studio: Studio) -> web.Application:
    """The stand-in over one `control`; its console is under `/` and `/sandbox/`."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_in_googles_words])
    gemini = Gemini(control, studio)
    app.router.add_get(MODELS_PATH, gemini.list_models)
    app.router.add_get(MODELS_PATH + "/{model}", gemini.get_model)
    app.router.add_post(MODELS_PATH + "/{model}:generateContent", gemini.generate)
    add_console(app, control, SAYS, "Gemini")
    return app


def make_control(latency: float = 0.0) -> Control:
    """A control that knows Gemini's faults."""
    return Control(SAYS, latency)


@web.middleware
async def _in_googles_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return refused.refusal.response()


class Gemini:
    """The handlers."""

    def __init__(self, control: Control, studio: Studio) -> None:
        self._control = control
        self._studio = studio

    async def list_models(self, request: web.Request) -> web.StreamResponse:
        """GET /v1beta/models, in pages."""
        return await self._listed(request, encoded(model_page(request.query)))

    async def get_model(self, request: web.Request) -> web.StreamResponse:
        """GET /v1beta/models/{model}."""
        return await self._listed(request, encoded(model_resource(_model(request))))

    async def _listed(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Listing proves a key, not its money: only faults of keys and of the wire meet it."""
        with self._noted(request, "list") as (key, call):
            trouble = self._trouble(key, among=MEETS_LISTING)
            call.fault = trouble.fault or None
            _refuse(trouble, key, "")
            return await _sent(request, call, trouble, body)

    async def generate(self, request: web.Request) -> web.StreamResponse:
        """POST /v1beta/models/{model}:generateContent."""
        with self._noted(request, "generate") as (key, call):
            call.model = request.match_info["model"]
            raw = await _read(request)
            call.received = len(raw)
            body = decoded(raw)
            words = words_of(body)
            call.prompt_digest, call.prompt_start = digest(words), words[:PROMPT_START]
            trouble = self._trouble(key, words)
            call.fault = trouble.fault or None
            _refuse(trouble, key, call.model)
            model = _model(request)
            wish = read_wish(body, model)
            call.sources = len(wish.sources)
            answer = await self._drawn(request, call, trouble, self._easel(request, call, model, wish))
            return await _sent(request, call, trouble, answer)

    def _trouble(self, key: str, prompt: str = "", among: Collection[str] | None = None) -> Trouble:
        """A key or prompt that asks for a fault misspelt must not pass for a good one."""
        try:
            return self._control.trouble(key, prompt, among)
        except UnknownFault as unknown:
            note = {"X-Sandbox-Unknown-Fault": str(unknown)}
            raise Refused(replace(errors.KEY_INVALID, headers=note)) from None

    @contextmanager
    def _noted(self, request: web.Request, operation: str) -> Iterator[tuple[str, Call]]:
        """The caller's key, and the call in the log, completed with what it ends in."""
        key = credential(request)
        call = self._control.seen(datetime.now(UTC).isoformat(timespec="milliseconds"), operation, key)
        started = time.monotonic()
        try:
            yield key, call
        except Refused as refused:
            call.status = refused.refusal.code
            raise
        finally:
            call.seconds = round(time.monotonic() - started, 3)

    def _easel(self, request: web.Request, call: Call, model: Model, wish: Wish) -> Drawing:
        prompt = without_orders(wish.prompt)
        take = self._control.take(prompt) if wish.seed is None else wish.seed
        commission = Commission(
            prompt=prompt,
            width=wish.size[0],
            height=wish.size[1],
            format=model.picture_format,
            note=f"sandbox · {wish.size_name} · {wish.ratio}",
            take=take,
            sources=wish.sources,
        )
        trap = str(request.url.origin() / "sandbox/trap")
        return Drawing(Setting(model, wish, call.number), self._studio, commission, trap)

    async def _drawn(self, request: web.Request, call: Call, trouble: Trouble, drawing: Drawing) -> bytes:
        """The body of the answer, after the time that drawing takes. Raises Refused."""
        started = time.monotonic()
        try:
            body = await ODDITIES.get(trouble.fault, HONEST).compose(drawing)
        except BadSource:
            raise Refused(errors.BAD_PICTURE) from None
        patience = _patience(request)
        while (left := min(self._latency(trouble), patience) - (time.monotonic() - started)) > 0:  # noqa: ASYNC110 - it may be set anew
            await asyncio.sleep(min(left, LOOK_EVERY))
        if self._latency(trouble) > patience:
            raise Refused(errors.DEADLINE)
        if picture := drawing.last:
            call.width, call.height = picture.width, picture.height
            self._control.keep_picture(call, MEDIA_TYPES[picture.format], picture.data)
        return encoded(body)

    def _latency(self, trouble: Trouble) -> float:
        """Seconds that drawing takes: all but the faults of the wire may bring their own."""
        own = None if trouble.fault in WRECKS else trouble.seconds
        return self._control.latency if own is None else own


async def _sent(request: web.Request, call: Call, trouble: Trouble, body: bytes) -> web.StreamResponse:
    """The answer, whole, or wrecked on its way."""
    call.sent = len(body)
    response = await wrecked(request, trouble.fault, trouble.seconds, body)
    call.status = response.status
    return response


def credential(request: web.Request) -> str:
    """The caller's key. Raises Refused as Google does for none, for two, and for one of another kind."""
    header, query = request.headers.get(KEY_HEADER), request.query.get("key")
    bearer = request.headers.get("Authorization", "")
    if sum(map(bool, (header, query, bearer))) > 1:
        raise Refused(errors.KEY_TWICE)
    if bearer:
        raise Refused(errors.TOKEN_TYPE)
    key = header or query
    if not key:
        raise Refused(errors.NO_KEY)
    return key


async def _read(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(errors.TOO_LARGE) from None


def _patience(request: web.Request) -> float:
    seconds = request.headers.get(PATIENCE_HEADER, "")
    return float(seconds) if seconds.isdigit() else inf


def _refuse(trouble: Trouble, key: str, model: str) -> None:
    if refusal := REFUSALS.get(trouble.fault):
        raise Refused(refusal.make(Asked(key, model, trouble.seconds)))


def _model(request: web.Request) -> Model:
    name = request.match_info["model"]
    if name in RETIRED:
        raise Refused(errors.retired_model(name))
    try:
        return MODELS[name]
    except KeyError:
        raise Refused(errors.no_such_model(name)) from None
