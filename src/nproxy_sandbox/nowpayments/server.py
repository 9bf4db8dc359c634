"""The stand-in's application: the wire under `/v1`, its page and its orders beside it, callbacks in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial

import aiohttp
from aiohttp import web

from nproxy_sandbox.control import Call, Trouble
from nproxy_sandbox.nowpayments import shapes
from nproxy_sandbox.nowpayments.book import UnknownPayment
from nproxy_sandbox.nowpayments.coins import COINS, least
from nproxy_sandbox.nowpayments.console import add_console
from nproxy_sandbox.nowpayments.faults import ODDITIES, REFUSALS, Refusal
from nproxy_sandbox.nowpayments.javascript import Json, stringify
from nproxy_sandbox.nowpayments.post import Letter, carry
from nproxy_sandbox.nowpayments.shapes import DOLLAR
from nproxy_sandbox.nowpayments.till import Till
from nproxy_sandbox.nowpayments.wishes import Refused, new_payment, parameters, payable, payment_number
from nproxy_sandbox.wreckage import WHOLE, WRECKS, Answer

KEY_HEADER = "x-api-key"
# Every key that begins so is known here, and each sees its own payments only.
KEY_START = "sandbox"
POST_PAUSE = 0.02
LETTERS_OUT = 32
CREATED = 201

Content = Mapping[str, Json] | Sequence[Json]


def make_app(till: Till) -> web.Application:
    """The stand-in over one `till`."""
    app = web.Application()
    wire = Wire(till)
    app.router.add_get("/v1/status", wire.status)
    app.router.add_get("/v1/currencies", wire.currencies)
    app.router.add_get("/v1/full-currencies", wire.full_currencies)
    app.router.add_get("/v1/merchant/coins", wire.merchant_coins)
    app.router.add_get("/v1/estimate", wire.estimate)
    app.router.add_get("/v1/min-amount", wire.minimum)
    app.router.add_post("/v1/payment", wire.create)
    app.router.add_get("/v1/payment/", wire.dashboard_only)
    app.router.add_get("/v1/payment/{number}", wire.read)
    for path in ("/v1/auth", "/v1/payout", "/v1/invoice"):
        app.router.add_post(path, wire.dashboard_only)
    add_console(app, till)
    app.cleanup_ctx.append(partial(_post_office, till))
    return app


class Wire:
    """The handlers. The names of the operations are those that orders for trouble go by."""

    def __init__(self, till: Till) -> None:
        self._till = till

    async def status(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/status, for which nobody needs a key."""
        return await self._answered(request, "status", lambda _: {"message": "OK"}, is_open=True)

    async def currencies(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/currencies: lower case."""
        return await self._answered(request, "coins", lambda _: {"currencies": _switched_on()})

    async def full_currencies(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/full-currencies: all that exist, whether they can be paid in or not."""
        listed = [shapes.currency(coin) for coin in COINS.values()]
        return await self._answered(request, "coins", lambda _: {"currencies": listed})

    async def merchant_coins(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/merchant/coins: upper case, under another name than documented."""
        names = [code.upper() for code in _switched_on()]
        return await self._answered(request, "coins", lambda _: {"selectedCurrencies": names})

    async def estimate(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/estimate: the estimate is text."""

        def made(_: str) -> Content:
            coin = payable(request.query.get("currency_to", ""))
            amount = _decimal(request.query.get("amount", ""))
            return {
                "currency_from": DOLLAR,
                "amount_from": amount,
                "currency_to": coin.code,
                "estimated_amount": str(coin.worth(amount)),
            }

        return await self._answered(request, "estimate", made)

    async def minimum(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/min-amount."""

        def made(_: str) -> Content:
            coin = payable(request.query.get("currency_from", ""))
            payout = COINS.get(request.query.get("currency_to", ""))
            lowest = least(coin, payout)
            fields: dict[str, Json] = {
                "currency_from": coin.code,
                "currency_to": payout.code if payout else coin.code,
                "min_amount": lowest,
            }
            if request.query.get("fiat_equivalent") == DOLLAR:
                fields["fiat_equivalent"] = lowest * coin.usd
            return fields

        return await self._answered(request, "minimum", made)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/payment: the same order twice is two payments."""
        body = await request.read()

        def made(key: str) -> Content:
            return shapes.created(self._till.create(new_payment(body, self._till.book), key))

        return await self._answered(request, "create", made, status=CREATED)

    async def read(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/payment/{id}."""

        def made(key: str) -> Content:
            with self._till.up_to_date():
                try:
                    payment = self._till.book.find(payment_number(request.match_info["number"]), key)
                except UnknownPayment:
                    raise Refused(REFUSALS["missing"]) from None
                return shapes.read(payment)

        return await self._answered(request, "fetch", made)

    async def dashboard_only(self, request: web.Request) -> web.StreamResponse:
        """What the dashboard's password opens. Nobody with a server key has any business here: it is noted."""
        self._till.control.sprung()
        self._till.control.seen(_stamp(), f"TRAP {request.path}", "")
        return _refused(
            Refusal(401, "AUTH_REQUIRED", "Authorization header is empty (Bearer JWTtoken is required)")
        )

    async def _answered(
        self,
        request: web.Request,
        operation: str,
        make: Callable[[str], Content],
        *,
        status: int = 200,
        is_open: bool = False,
    ) -> web.StreamResponse:
        """The honest answer that `make` makes for a key, or the trouble that was ordered for this operation."""
        key = request.headers.get(KEY_HEADER, "")
        call = self._till.control.seen(_stamp(), operation, key)
        trouble = self._till.control.trouble(operation)
        call.fault = trouble.fault or None
        try:
            _let_in(key if not is_open else KEY_START, trouble)
            content = make(key)
        except Refused as refused:
            response = _refused(refused.refusal)
            call.status = response.status
            return response
        return await _sent(request, call, trouble, content, status)


def _let_in(key: str, trouble: Trouble) -> None:
    if refusal := REFUSALS.get(trouble.fault):
        raise Refused(refusal)
    if not key.startswith(KEY_START):
        raise Refused(REFUSALS["bad_key"])


async def _sent(
    request: web.Request, call: Call, trouble: Trouble, content: Content, status: int
) -> web.StreamResponse:
    """The answer, whole, odd, or wrecked on its way."""
    if isinstance(content, dict) and (oddity := ODDITIES.get(trouble.fault)):
        content = oddity.change(content)
    body = stringify(content).encode()
    call.sent = len(body)
    wreck = WRECKS.get(trouble.fault, WHOLE)
    response = await wreck.play(Answer(request, body, trouble.seconds))
    if wreck is WHOLE:
        response.set_status(status)
    call.status = response.status
    return response


def _refused(refusal: Refusal) -> web.Response:
    text = stringify(
        {"status": False, "statusCode": refusal.status, "code": refusal.code, "message": refusal.message}
    )
    response = web.Response(status=refusal.status, text=text, content_type="application/json")
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _switched_on() -> list[str]:
    return [coin.code for coin in COINS.values() if coin.switched_on]


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise parameters('"amount" must be a number') from None


def _stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


async def _post_office(till: Till, _: web.Application) -> AsyncIterator[None]:
    """While the server runs, callbacks leave when they are due."""
    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        carriers: set[asyncio.Task[None]] = set()
        office = asyncio.create_task(_send_what_is_due(till, session, carriers))
        yield
        for task in (office, *carriers):
            task.cancel()
        await asyncio.wait((office, *carriers))


async def _send_what_is_due(
    till: Till, session: aiohttp.ClientSession, carriers: set[asyncio.Task[None]]
) -> None:
    places = asyncio.Semaphore(LETTERS_OUT)

    async def bring(letter: Letter) -> None:
        async with places:
            till.returned(letter, await carry(session, letter, till.post.manners))

    while True:
        for letter in till.take_due():
            carrier = asyncio.create_task(bring(letter))
            carriers.add(carrier)
            carrier.add_done_callback(carriers.discard)
        await asyncio.sleep(POST_PAUSE)
