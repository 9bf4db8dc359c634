"""The stand-in's own addresses: orders and log for scripts (`/sandbox/…`), and pages for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation

from aiohttp import web
from aiohttp.typedefs import Handler

from nproxy_sandbox.console import PAGE_HEADERS, Console, by_script, done, is_ticked, posted, text_of
from nproxy_sandbox.nowpayments import pages
from nproxy_sandbox.nowpayments.book import UnknownPayment
from nproxy_sandbox.nowpayments.faults import SAYS
from nproxy_sandbox.nowpayments.javascript import stringify
from nproxy_sandbox.nowpayments.post import Letter, Manners
from nproxy_sandbox.nowpayments.till import Refused, Till

PAYMENT = "/sandbox/payments/{number:\\d+}"


def add_console(app: web.Application, till: Till) -> None:
    """Give `app` the pages and orders of `till`."""
    common = Console(till.control, SAYS, "NOWPayments")
    app.router.add_get("/sandbox/faults", common.list_faults)
    app.router.add_post("/sandbox/faults", common.order)
    app.router.add_get("/sandbox/log", common.log)
    app.router.add_get("/sandbox/trap", common.trap)
    orders = Orders(till)
    app.router.add_get("/", orders.index)
    app.router.add_get("/payments/{number:\\d+}", orders.page)
    app.router.add_get("/sandbox/payments", orders.payments)
    app.router.add_get(PAYMENT, orders.payment)
    app.router.add_post(PAYMENT + "/pay", orders.pay)
    app.router.add_post(PAYMENT + "/put", orders.put)
    app.router.add_post(PAYMENT + "/finish", orders.finish)
    app.router.add_post(PAYMENT + "/announce", orders.announce)
    app.router.add_get("/sandbox/callbacks", orders.callbacks)
    app.router.add_post("/sandbox/callbacks", orders.behave)
    app.router.add_post("/sandbox/clock", orders.clock)
    app.router.add_post("/sandbox/dashboard", orders.dashboard)
    app.router.add_post("/sandbox/reset", orders.reset)
    app.middlewares.append(_in_plain_words)


@web.middleware
async def _in_plain_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Orders that make no sense are told so."""
    try:
        return await handler(request)
    except UnknownPayment as unknown:
        raise web.HTTPNotFound(text=f"There is no payment {unknown} here.") from None
    except Refused as refused:
        raise web.HTTPBadRequest(text=str(refused)) from None


class Orders:
    """The handlers. What is posted may be JSON or a form; a form is sent back to the page that it was on."""

    def __init__(self, till: Till) -> None:
        self._till = till

    async def index(self, request: web.Request) -> web.StreamResponse:
        """GET /."""
        return _html(pages.index(self._till, str(request.url.origin())))

    async def page(self, request: web.Request) -> web.StreamResponse:
        """GET /payments/{number}: play the payer."""
        return _html(pages.payment(self._till, _number(request)))

    async def payments(self, _request: web.Request) -> web.StreamResponse:
        """GET /sandbox/payments: as reads show them, newest first."""
        shown = [self._till.payment(each.number) for each in self._till.payments()]
        return web.json_response({"payments": shown}, dumps=stringify)

    async def payment(self, request: web.Request) -> web.StreamResponse:
        """GET /sandbox/payments/{number}."""
        return web.json_response(self._till.payment(_number(request)), dumps=stringify)

    async def pay(self, request: web.Request) -> web.StreamResponse:
        """POST …/pay {"deed": "exactly", "amount": null, "coin": null, "until": null}."""
        asked = await posted(request)
        touched = self._till.pay(
            _number(request),
            text_of(asked, "deed") or "exactly",
            amount=_amount(asked, "amount"),
            coin=text_of(asked, "coin"),
            until=text_of(asked, "until"),
        )
        return done(request, _page(request), {"payments": touched})

    async def put(self, request: web.Request) -> web.StreamResponse:
        """POST …/put {"status": "refunded", "paid": null}: what a person at the dashboard does."""
        asked = await posted(request)
        self._till.put(_number(request), text_of(asked, "status"), _amount(asked, "paid"))
        return done(request, _page(request))

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """POST …/finish: nobody waits for confirmations any longer."""
        self._till.finish(_number(request))
        return done(request, _page(request))

    async def announce(self, request: web.Request) -> web.StreamResponse:
        """POST …/announce {"form": "unsorted"}: a callback about it as it is."""
        asked = await posted(request)
        self._till.announce(_number(request), text_of(asked, "form"))
        return done(request, _page(request))

    async def callbacks(self, _request: web.Request) -> web.StreamResponse:
        """GET /sandbox/callbacks: how they are sent, and all that were, oldest first."""
        letters = [_shown(letter) for letter in self._till.letters()]
        return web.json_response({"manners": asdict(self._till.post.manners), "callbacks": letters})

    async def behave(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/callbacks {"delay": 5, "copies": 2, "backwards": true, "lost": 1, "form": "unsorted",
        "via": "caddy:443", "authority": "-----BEGIN CERTIFICATE…"}."""
        asked = await posted(request)
        self._till.behave(_manners(asked, self._till.post.manners, is_form=not by_script(request)))
        return done(request)

    async def clock(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/clock {"pace": 60} or {"advance": 3600}."""
        asked = await posted(request)
        if (pace := _amount(asked, "pace")) is not None:
            self._till.hurry(float(pace))
        if (seconds := _amount(asked, "advance")) is not None:
            self._till.advance(float(seconds))
        return done(request)

    async def dashboard(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/dashboard {"covering": 0.01, "repeated_is": "finished", "wrong_coin_is": "finished"}."""
        asked = await posted(request)
        self._till.settle_on(
            covering=_amount(asked, "covering"),
            repeated_is=text_of(asked, "repeated_is"),
            wrong_coin_is=text_of(asked, "wrong_coin_is"),
        )
        return done(request)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/reset: as it was at the start."""
        self._till.reset()
        return done(request)


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=PAGE_HEADERS)


def _page(request: web.Request) -> str:
    return f"/payments/{_number(request)}"


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


def _amount(asked: Mapping[str, object], name: str) -> Decimal | None:
    text = text_of({name: "0"} if asked.get(name) == 0 else asked, name)
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise Refused(f"{name} has to be a number, not {text!r}")
    return amount


def _manners(asked: Mapping[str, object], now: Manners, *, is_form: bool) -> Manners:
    """`now`, with what was asked for; a form leaves out the box that is not ticked."""
    delay, copies, lost = (_amount(asked, name) for name in ("delay", "copies", "lost"))
    return Manners(
        delay=now.delay if delay is None else float(delay),
        copies=now.copies if copies is None else int(copies),
        backwards=is_ticked(asked, "backwards", unless_said=not is_form and now.backwards),
        lost=now.lost if lost is None else int(lost),
        form=text_of(asked, "form") or now.form,
        via=text_of(asked, "via") or now.via,
        authority=text_of(asked, "authority") or now.authority,
    )


def _shown(letter: Letter) -> dict[str, object]:
    return {
        "number": letter.number,
        "payment": letter.payment,
        "status": letter.status,
        "form": letter.form,
        "body": letter.body.decode(errors="replace"),
        "signature": letter.signature,
        "answers": letter.answers,
        "is_lost": letter.is_lost,
        "written_at": letter.written_at.isoformat(),
        "is_settled": letter.is_settled,
    }
