"""The OpenRouter stand-in's application: keys, models, pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from nproxy_sandbox.console import add_console
from nproxy_sandbox.control import Call, Control, Trouble, UnknownFault, digest, without_orders
from nproxy_sandbox.drawing.painter import Commission
from nproxy_sandbox.drawing.studio import Studio
from nproxy_sandbox.gemini.answers import MEDIA_TYPES, encoded
from nproxy_sandbox.gemini.models import MODELS, Model
from nproxy_sandbox.openrouter import errors
from nproxy_sandbox.openrouter.answers import HONEST, Drawing, cost
from nproxy_sandbox.openrouter.books import Books
from nproxy_sandbox.openrouter.errors import Refused
from nproxy_sandbox.openrouter.faults import MEETS_DRAWING, MEETS_STATE, ODDITIES, REFUSALS, SAYS
from nproxy_sandbox.openrouter.refusals import Asked
from nproxy_sandbox.openrouter.wire import AUTHOR, Wish, decoded, find_model, read_wish
from nproxy_sandbox.serving import BODY_LIMIT
from nproxy_sandbox.wreckage import WRECKS, wrecked

ROOT = "/api/v1"
PROMPT_START = 80


def make_app(control: Control, studio: Studio) -> web.Application:
    """The stand-in over one `control`; its console is under `/` and `/sandbox/`."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_in_their_words])
    router = OpenRouter(control, studio)
    app.router.add_post(f"{ROOT}/images", router.draw)
    app.router.add_get(f"{ROOT}/images/models", router.list_models)
    app.router.add_get(f"{ROOT}/images/models/{{author}}/{{slug}}/endpoints", router.list_endpoints)
    app.router.add_get(f"{ROOT}/models", router.list_models)
    app.router.add_get(f"{ROOT}/key", router.state)
    app.router.add_get(f"{ROOT}/credits", router.credits)
    add_console(app, control, SAYS, "OpenRouter")
    return app


def make_control(latency: float = 0.0) -> Control:
    """A control that knows OpenRouter's faults."""
    return Control(SAYS, latency, default_flaky="server")


@web.middleware
async def _in_their_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return refused.refusal.response()
    except web.HTTPRequestEntityTooLarge:
        return errors.TOO_LARGE.response()


class OpenRouter:
    """The handlers."""

    def __init__(self, control: Control, studio: Studio) -> None:
        self._control = control
        self._studio = studio
        self.books = Books()

    async def list_models(self, _request: web.Request) -> web.StreamResponse:
        """GET /models and /images/models: open to everybody, with or without a key."""
        return web.json_response({"data": [_described(model) for model in MODELS.values()]})

    async def list_endpoints(self, request: web.Request) -> web.StreamResponse:
        """GET /images/models/{author}/{slug}/endpoints: who serves it, and for how much."""
        model = find_model(f"{request.match_info['author']}/{request.match_info['slug']}")
        endpoint = {
            "provider_name": "Google AI Studio",
            "tag": "google-ai-studio",
            "pricing": {"image": "0.00003"},
        }
        return web.json_response({"data": {**_described(model), "endpoints": [endpoint]}})

    async def credits(self, request: web.Request) -> web.StreamResponse:
        """GET /credits: for management keys only, which none of these is."""
        with self._noted(request, "credits"):
            raise Refused(errors.NOT_MANAGEMENT)

    async def state(self, request: web.Request) -> web.StreamResponse:
        """GET /key: what the key may still spend."""
        with self._noted(request, "key") as (key, call):
            trouble = self._trouble(key, "", MEETS_STATE)
            call.fault = trouble.fault or None
            _refuse(trouble, key, "")
            return await _sent(request, call, trouble, encoded(self.books.state(key, trouble.fault)))

    async def draw(self, request: web.Request) -> web.StreamResponse:
        """POST /images."""
        with self._noted(request, "generate") as (key, call):
            raw = await request.read()
            call.received = len(raw)
            body = decoded(raw)
            call.model, prompt = str(body.get("model", "")), str(body.get("prompt", ""))
            call.prompt_digest, call.prompt_start = digest(prompt), prompt[:PROMPT_START]
            trouble = self._trouble(key, prompt, MEETS_DRAWING)
            call.fault = trouble.fault or None
            _refuse(trouble, key, call.model)
            wish = read_wish(body)
            call.sources, call.user = len(wish.sources), wish.user
            return await _sent(request, call, trouble, await self._drawn(request, call, trouble, wish, key))

    async def _drawn(self, request: web.Request, call: Call, trouble: Trouble, wish: Wish, key: str) -> bytes:
        started = time.monotonic()
        drawing = self._easel(request, wish)
        oddity = ODDITIES.get(trouble.fault, HONEST)
        body = await oddity.compose(drawing)
        is_slow = trouble.seconds is not None and trouble.fault not in WRECKS
        latency = trouble.seconds if is_slow and trouble.seconds is not None else self._control.latency
        await asyncio.sleep(latency - (time.monotonic() - started))
        if drawing.last is not None:
            call.width, call.height = drawing.last.width, drawing.last.height
            self._control.keep_picture(call, MEDIA_TYPES[drawing.last.format], drawing.last.data)
        if not oddity.is_unbilled:
            self.books.bill(key, cost(wish))
        return encoded(body)

    def _easel(self, request: web.Request, wish: Wish) -> Drawing:
        prompt = without_orders(wish.prompt)
        commission = Commission(
            prompt=prompt,
            width=wish.size[0],
            height=wish.size[1],
            format=wish.model.picture_format,
            note=f"sandbox · {wish.size_name} · {wish.ratio}",
            take=self._control.take(prompt),
            sources=wish.sources,
        )
        return Drawing(wish, self._studio, commission, str(request.url.origin() / "sandbox/trap"))

    def _trouble(self, key: str, prompt: str, among: Collection[str]) -> Trouble:
        """A key or prompt that asks for a fault misspelt must not pass for a good one."""
        try:
            return self._control.trouble(key, prompt, among)
        except UnknownFault as unknown:
            note = {"X-Sandbox-Unknown-Fault": str(unknown)}
            raise Refused(replace(errors.NO_KEY, headers=note)) from None

    @contextmanager
    def _noted(self, request: web.Request, operation: str) -> Iterator[tuple[str, Call]]:
        """The caller's key, and the call in the log, completed with what it ends in."""
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            raise Refused(errors.NO_KEY)
        call = self._control.seen(datetime.now(UTC).isoformat(timespec="milliseconds"), operation, key)
        started = time.monotonic()
        try:
            yield key, call
        except Refused as refused:
            call.status = refused.refusal.code
            raise
        finally:
            call.seconds = round(time.monotonic() - started, 3)


def _described(model: Model) -> dict[str, object]:
    return {
        "id": AUTHOR + model.name,
        "object": "model",
        "created": 1_779_000_000,
        "owned_by": "google",
        "name": model.title,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["image"]},
        "supported_parameters": {"resolution": list(model.sizes), "aspect_ratio": list(model.sizes["1K"])},
    }


def _refuse(trouble: Trouble, key: str, model: str) -> None:
    if refusal := REFUSALS.get(trouble.fault):
        raise Refused(refusal.make(Asked(key, model, trouble.seconds)))


async def _sent(request: web.Request, call: Call, trouble: Trouble, body: bytes) -> web.StreamResponse:
    call.sent = len(body)
    response = await wrecked(request, trouble.fault, trouble.seconds, body)
    call.status = response.status
    return response
