"""The style guide in both themes, on three screens, in both languages: whole, as wide as the screen, and kept to look at.

The pictures lie in `var/styleguide/` afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.journeys.commands import ROOT
from tests.journeys.test_pages import fits
from tests.journeys.visitor import Visitor

SHOTS = ROOT / "var" / "styleguide"
WIDTHS = (360, 820, 1280)
COMPONENTS = {
    "button", "field", "notice", "toast", "dialog", "table", "battery", "standing", "ladder", "turn", "actions",
    "pending", "attachment", "history", "menu", "connection", "conversations", "composer", "starters", "tile", "export",
    "coins", "pay", "empty",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_component_fits_every_screen(
    new_visitor: Callable[..., Visitor], theme: str, language: str
) -> None:
    visitor = new_visitor(color_scheme=theme, locale=language)
    page = visitor.page
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        visitor.goes_to("/styleguide/")
        shown = page.locator("[data-component]").evaluate_all("all => all.map(one => one.dataset.component)")
        assert set(shown) == COMPONENTS
        assert fits(page), width
        page.screenshot(path=SHOTS / f"{language}-{theme}-{width}.png", full_page=True, animations="disabled")
    assert page.locator("html").get_attribute("lang") == language


def test_its_toast_and_its_dialog_open_and_close(visitor: Visitor) -> None:
    visitor.goes_to("/styleguide/")
    page = visitor.page
    page.locator("[data-guide=toast]").click()
    expect(page.locator("#toasts .toast")).to_be_visible()
    page.locator("[data-guide=dialog]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
