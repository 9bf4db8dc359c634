"""The stand-in's own addresses: orders and log for scripts (`/sandbox/…`), and a page for people (`/`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

from aiohttp import web

from nproxy_sandbox.control import EVERY_KEY, Control, UnknownFault
from nproxy_sandbox.page import rendered

# The page loads nothing from elsewhere and runs no script.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'"
    )
}


def add_console(app: web.Application, control: Control, faults: Mapping[str, str], title: str) -> None:
    """Give `app` the console of `control`. `faults` is name → what happens."""
    console = Console(control, faults, title)
    app.router.add_get("/", console.page)
    app.router.add_get("/sandbox/faults", console.list_faults)
    app.router.add_post("/sandbox/faults", console.order)
    app.router.add_post("/sandbox/latency", console.set_latency)
    app.router.add_post("/sandbox/reset", console.reset)
    app.router.add_get("/sandbox/log", console.log)
    app.router.add_get("/sandbox/pictures/{number:\\d+}", console.picture)
    app.router.add_get("/sandbox/trap", console.trap)


class Console:
    """The handlers. What is posted may be JSON or a form; a form is sent back to the page."""

    def __init__(self, control: Control, faults: Mapping[str, str], title: str) -> None:
        self._control = control
        self._faults = faults
        self._title = title

    async def page(self, request: web.Request) -> web.StreamResponse:
        """GET /."""
        text = rendered(self._title, str(request.url.origin()), self._control, self._faults)
        return web.Response(text=text, content_type="text/html", headers=PAGE_HEADERS)

    async def list_faults(self, _request: web.Request) -> web.StreamResponse:
        """GET /sandbox/faults: what can be ordered, and what is."""
        return web.json_response({"faults": dict(self._faults), "orders": self._control.orders()})

    async def order(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/faults {"fault": name or null}, and if wanted "key", "times", "seconds", "rate"."""
        asked = await posted(request)
        try:
            self._control.order(
                str(asked["fault"]) if asked.get("fault") else None,
                key=str(asked.get("key") or EVERY_KEY),
                times=int(str(asked["times"])) if asked.get("times") else None,
                seconds=float(str(asked["seconds"])) if asked.get("seconds") else None,
                rate=int(str(asked.get("rate") or 100)),
            )
        except UnknownFault as unknown:
            raise web.HTTPBadRequest(
                text=f"unknown fault {unknown}; GET /sandbox/faults lists them"
            ) from None
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return done(request)

    async def set_latency(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/latency {"seconds": x}."""
        asked = await posted(request)
        try:
            self._control.latency = max(0.0, float(str(asked.get("seconds"))))
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return done(request)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """POST /sandbox/reset: as it was at the start."""
        self._control.reset()
        return done(request)

    async def log(self, _request: web.Request) -> web.StreamResponse:
        """GET /sandbox/log: the calls seen, oldest first."""
        return web.json_response({"calls": [asdict(call) for call in self._control.calls()]})

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """GET /sandbox/pictures/{number}: one of the last pictures drawn, by the number of its call."""
        found = self._control.pictures().get(int(request.match_info["number"]))
        if found is None:
            raise web.HTTPNotFound
        media_type, data = found
        return web.Response(body=data, content_type=media_type)

    async def trap(self, _request: web.Request) -> web.StreamResponse:
        """GET /sandbox/trap: an address that only answers name; nobody may come here."""
        self._control.sprung()
        return web.Response(text="This address was in an answer. It should not have been fetched.")


def by_script(request: web.Request) -> bool:
    """Whether JSON was posted, and not a form by a person."""
    return request.content_type == "application/json"


async def posted(request: web.Request) -> Mapping[str, object]:
    """The fields of a form, or of a JSON object."""
    if not by_script(request):
        return await request.post()
    try:
        asked = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="expected JSON") from error
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest(text="expected a JSON object")
    return asked


def text_of(asked: Mapping[str, object], name: str) -> str:
    """A field as text, "" where there is none."""
    return str(asked.get(name) or "").strip()


def is_ticked(asked: Mapping[str, object], name: str, *, unless_said: bool = False) -> bool:
    """Whether a box is ticked; what a form leaves out is `unless_said`."""
    return asked.get(name, unless_said) not in (False, "", "0", None)


def done(
    request: web.Request, back: str = "/", told: Mapping[str, object] = MappingProxyType({"ok": True})
) -> web.Response:
    """The answer to an order: what is `told` to a script, and to a person the page `back` to which they go."""
    if by_script(request):
        return web.json_response(dict(told))
    return web.Response(status=303, headers={"Location": back})
