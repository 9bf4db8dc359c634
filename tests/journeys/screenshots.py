"""`make screenshots`: every page into docs/screenshots/, on a desk, on a phone and in the dark."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, ViewportSize
from tests.journeys import chromium
from tests.journeys.stack import ROOT, Stack, running
from tests.journeys.visitor import Visitor

PLACE = ROOT / "docs" / "screenshots"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
OUTSIDE = {"landing": "/", "register": "/accounts/register/", "login": "/accounts/login/"}
INSIDE = {"chat-empty": "/chat/", "dashboard": "/dashboard/", "gallery": "/gallery/", "account": "/accounts/"}
# A shot above this many bytes is reduced to so many colours: a third of the size.
LARGE = 200_000
COLOURS = 256


def main() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    with running() as stack, chromium.running() as browser:
        stack.draw_in(0)
        conversation = drawn(browser, stack)
        take(browser, stack, "desktop", conversation, viewport=DESK)
        take(browser, stack, "dark", conversation, viewport=DESK, color_scheme="dark")
        take(browser, stack, "phone", conversation, viewport=PHONE, is_mobile=True, has_touch=True)
        reader = Visitor(browser.new_context(base_url=stack.site, viewport=DESK, locale="ru"))
        shoot(reader, "/", "landing-russian")
        reader.leave()


def drawn(browser: Browser, stack: Stack) -> str:
    """The address of a conversation with pictures in it."""
    visitor = Visitor(browser.new_context(base_url=stack.site, viewport=DESK))
    visitor.log_in(stack.user)
    first = visitor.sends("a banana in a space suit on a quiet moon, loose watercolour")
    first.shows_all()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "moon.webp")
        source.write_bytes(visitor.page.request.get(str(first.card().picture.get_attribute("src"))).body())
        visitor.attaches(source)
        visitor.chooses("strength", "Subtle")
        visitor.sends("the same at sunrise", images=2).shows_all(2)
    address = visitor.page.url
    visitor.leave()
    return address


def take(browser: Browser, stack: Stack, kind: str, conversation: str, **options: object) -> None:
    """All pages in one kind of browser."""
    visitor = Visitor(browser.new_context(base_url=stack.site, **options))
    for name, address in OUTSIDE.items():
        shoot(visitor, address, f"{name}-{kind}")
    visitor.log_in(stack.user)
    for name, address in {**INSIDE, "chat": conversation}.items():
        shoot(visitor, address, f"{name}-{kind}")
    visitor.leave()


def shoot(visitor: Visitor, address: str, name: str) -> None:
    visitor.goes_to(address)
    visitor.page.wait_for_load_state("load")
    visitor.page.evaluate("Promise.all([...document.images].map(img => img.decode().catch(() => 0)))")
    shot = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")
    target = PLACE / f"{name}.png"
    shot.save(target, optimize=True)
    if target.stat().st_size > LARGE:
        shot.quantize(COLOURS).save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB")  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
