"""Every prepared text of the checkout, to be looked at: `python -m tests.journeys.checkout_pictures FOLDER`.

Desktop and phone, light and dark. Not part of the tests: what is beautiful, only an eye can say.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize
from tests.journeys import chromium
from tests.journeys.stack import ROOT, Stack, running

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
KINDS: dict[str, dict[str, object]] = {
    "desk": {"viewport": DESK},
    "desk-dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True},
    "phone-dark": {"viewport": PHONE, "is_mobile": True, "has_touch": True, "color_scheme": "dark"},
}
# Pages beside the order's own, of the case that they belong to.
MORE = {
    "active": {"receipt": "/billing/receipts/{}/", "billing": "/billing/"},
    "underpaid": {"refund-form": "/billing/orders/{}/refund/"},
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with running() as stack, chromium.running() as browser, without_worker(stack):
        cases = made(stack)
        for kind, options in KINDS.items():
            take(browser, stack, cases, folder, kind, options)


@contextmanager
def without_worker(stack: Stack) -> Iterator[None]:
    """Meanwhile nobody goes on with the cases, or asks the stand-in for payments that it does not know."""
    worker = stack.process("worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


def made(stack: Stack) -> dict[str, list[str]]:
    """{case: [session, order]}."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.journeys.checkout_cases"],
        cwd=ROOT,
        env=stack.environment
        | {
            "NPROXY_NOWPAYMENTS_API_KEY": "sandbox-demo",
            "NPROXY_NOWPAYMENTS_IPN_SECRET": "sandbox-ipn-secret",
            "NPROXY_NOWPAYMENTS_BASE_URL": f"{stack.nowpayments}/v1",
            "NPROXY_NOWPAYMENTS_COINS": "usdttrc20,usdtbsc,usdcsol,btc,ltc,eth",
            "NPROXY_NOWPAYMENTS_PAYOUT_COIN": "usdttrc20",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise AssertionError(finished.stderr)
    cases: dict[str, list[str]] = json.loads(finished.stdout.splitlines()[-1])
    return cases


def take(
    browser: Browser,
    stack: Stack,
    cases: dict[str, list[str]],
    folder: Path,
    kind: str,
    options: dict[str, object],
) -> None:
    """All cases in one kind of browser."""
    for name, (session, order) in cases.items():
        context = browser.new_context(base_url=stack.site, **options)
        context.add_cookies([{"name": "sessionid", "value": session, "url": stack.site}])
        page = context.new_page()
        shoot(page, f"/billing/orders/{order}/", folder / f"{name}.{kind}.png")
        for other, address in MORE.get(name, {}).items():
            shoot(page, address.format(order), folder / f"{other}.{kind}.png")
        context.close()


def shoot(page: Page, address: str, target: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("load")
    page.screenshot(path=target, full_page=True, animations="disabled")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
