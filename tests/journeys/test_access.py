"""Everybody can use it: the keyboard alone, what is said aloud, colours of one's own, and no motion.

What axe-core says of every page is asked in tests/doors/access.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect
from tests.journeys.stack import Stack
from tests.journeys.visitor import PATIENCE, Visitor

# What moves on the page now, or repeats itself.
MOVING = "document.getAnimations().filter((each) => each.playState === 'running').length"
# Everything that is said into a live region from now on.
LISTEN = """() => {
    window.said = [];
    new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
            if (!target.closest("[aria-live], [role=status], [role=alert]")) continue;
            for (const { textContent } of addedNodes) if (textContent.trim()) window.said.push(textContent.trim());
        }
    }).observe(document.body, { childList: true, subtree: true });
}"""


def test_from_the_login_to_the_download_with_the_keyboard_alone(
    visitor: Visitor, stack: Stack, tmp_path: Path
) -> None:
    page = visitor.page
    Image.effect_noise((300, 200), 60).convert("RGB").save(tmp_path / "given.png")
    visitor.goes_to("/accounts/login/")
    press(page, "E-mail")
    page.keyboard.type(stack.user.email)
    press(page, "Password")
    page.keyboard.type(stack.user.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat/")
    press(page, "Attach pictures")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(tmp_path / "given.png")
    expect(page.locator(".attachment[data-state=ready]")).to_have_count(1)
    press(page, "What to draw")
    page.keyboard.type("a lighthouse by keyboard")
    page.keyboard.press("Enter")
    # As many as this person asked for last.
    visitor.turn().card().shows_its_picture()
    expect(visitor.turn().place.locator("[data-source]")).to_have_count(1)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-download')"):
            break
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().stat().st_size > 1000


def press(page: Page, label: str) -> None:
    """Tab until the focus is on the field of this label, and see that it is seen."""
    field = page.get_by_label(label, exact=True)
    for _ in range(60):
        if field.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(field).to_be_focused()


def test_what_happened_is_said_once_politely_and_none_of_it_is_lost(user: Visitor) -> None:
    page = user.page
    page.evaluate(LISTEN)
    user.sends("lamps that are announced", images=2).shows_all(2)
    user.sends("[fault:IMAGE_SAFETY] a lamp that is not").card().becomes("failed")
    user.turn(0).card().chooses("Delete")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.wait_for_function("() => window.said.some((words) => words.includes('is back'))")
    said = page.evaluate("window.said")
    for words in ("1 of 2: ready", "2 of 2: ready", "1 of 1: did not work", "deleted", "is back"):
        assert len([each for each in said if words in each]) == 1, (words, said)
    assert page.locator("[aria-live=assertive]").count() == 0


def test_with_forced_colours_what_is_chosen_can_be_seen_and_without_motion_nothing_moves(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    visitor = new_visitor(forced_colors="active", reduced_motion="reduce")
    visitor.log_in(drawing.user)
    page = visitor.page
    for chosen in ("[data-battery] i", "[data-setting=resolution] label:has(:checked)", ".send"):
        adjusted = page.locator(chosen).first.evaluate("part => getComputedStyle(part).forcedColorAdjust")
        assert adjusted == "none", chosen
    drawing.draw_in(60)
    turn = visitor.sends("a lamp that stands still")
    expect(turn.card().place).to_have_attribute("data-stage", "drawing", timeout=PATIENCE)
    page.wait_for_function(f"() => {MOVING} === 0")
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_function(f"() => {MOVING} > 0")
    turn.card().place.get_by_role("button", name="Cancel").click()
    turn.card().becomes("canceled")
