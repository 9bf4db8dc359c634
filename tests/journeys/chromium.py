"""The system's Chromium, without a window and without a word to the outside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",  # with which Chromium refuses to run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds until something that should appear is given up, unless a test says otherwise.
SMALL_PATIENCE = 45_000
expect.set_options(timeout=SMALL_PATIENCE)


def path() -> str | None:
    """Where it is, None when there is none (scripts/browser installs it)."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=QUIET)
        yield browser
        browser.close()
