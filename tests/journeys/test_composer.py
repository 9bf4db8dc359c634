"""The composer in a real browser: nothing typed or attached is lost, and what is seen is what is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect
from tests.journeys.stack import FOR_LONG, Stack
from tests.journeys.visitor import Visitor

PHONE = {"width": 390, "height": 844}
# What a paste and a drop look like to the page: a transfer with a file in it.
TRANSFER = """bytes => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "given.png", {type: "image/png"}));
    return transfer;
}"""
SHIFTS = """() => {
    window.shifted = 0;
    // The time beside a stage's word moves by the length of that word, as often as it changes.
    const isTime = ({node}) => (node?.closest ? node : node?.parentElement)?.closest("[data-elapsed]");
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            // One that names nobody may be a box.
            if (!entry.sources.length || !entry.sources.every(isTime)) window.shifted += entry.value;
        }
    }).observe({type: "layout-shift"});
}"""
HIDE = """isHidden => {
    Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.effect_noise((300, 200), 60).convert("RGB").save(tmp_path / "given.png")
    return tmp_path / "given.png"


def chips(user: Visitor, count: int) -> None:
    """So many pictures are attached, each of them uploaded."""
    expect(user.page.locator(".attachment")).to_have_count(count)
    expect(user.page.locator(".attachment[data-state=ready]")).to_have_count(count)


def kept(page: Page) -> None:
    """The server has what stands in the composer."""
    with page.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.status == 204):
        page.locator("[data-setting=resolution] label").filter(has_text="4K").click()


def test_pasted_dropped_chosen_and_dragged_pictures_are_the_same_chips_and_all_are_sent(
    user: Visitor, drawing: Stack, photo: Path
) -> None:
    user.sends("a red boat").shows_all()
    page, data = user.page, list(photo.read_bytes())
    transfer = page.evaluate_handle(TRANSFER, data)
    user.attaches(photo)
    chips(user, 1)
    page.evaluate(
        """clipboardData => document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))""",
        transfer,
    )
    chips(user, 2)
    page.dispatch_event("#main", "dragenter", {"dataTransfer": transfer})
    page.dispatch_event("#main", "dragover", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop pictures anywhere")).to_be_visible()
    page.dispatch_event("#main", "drop", {"dataTransfer": transfer})
    chips(user, 3)
    expect(page.get_by_text("Drop pictures anywhere")).to_be_hidden()
    user.turn(0).card().picture.drag_to(page.get_by_label("What to draw"))
    chips(user, 4)
    fields = [chip.input_value() for chip in page.locator(".attachment input").all()]
    assert len(set(fields)) == 4
    turn = user.sends("all of these together")
    turn.shows_all()
    assert [link.get_attribute("data-source") for link in turn.place.locator("[data-source]").all()] == fields
    assert drawing.calls()[-1]["sources"] == 4


def test_a_draft_survives_a_reload_a_lost_session_and_a_new_login(
    user: Visitor, stack: Stack, photo: Path
) -> None:
    user.expects("status of 40[13]")
    words = f"half a banana {uuid4().hex[:8]}"
    user.attaches(photo)
    chips(user, 1)
    user.page.get_by_label("What to draw").fill(words)
    kept(user.page)
    user.page.reload()
    chips(user, 1)
    expect(user.page.get_by_label("What to draw")).to_have_value(words)
    expect(user.page.locator("input[name=resolution]:checked")).to_have_value("4K")

    user.context.clear_cookies()
    user.page.get_by_label("What to draw").fill(f"{words}, whole")
    expect(user.page.get_by_text("You are signed out. Everything here stays.")).to_be_visible()
    user.log_in(stack.user)
    expect(user.page.get_by_label("What to draw")).to_have_value(f"{words}, whole")
    chips(user, 1)
    user.page.get_by_role("button", name="Remove this picture").click()
    user.chooses("resolution", "1K")
    user.sends(words).shows_all()
    user.goes_to("/chat/")
    expect(user.page.get_by_label("What to draw")).to_have_value("")


def test_a_picture_that_could_not_be_uploaded_says_so_and_holds_the_message(
    user: Visitor, photo: Path, tmp_path: Path
) -> None:
    user.expects("ERR_CONNECTION_RESET")

    def breaks_off(route: Route) -> None:
        route.abort("connectionreset")

    user.page.route("**/uploads/", breaks_off, times=1)
    user.attaches(photo)
    failed = user.page.locator(".attachment[data-state=failed]")
    expect(failed).to_contain_text("No connection")
    user.types_and_sends("with this one")
    expect(user.page.get_by_role("alert").filter(has_text="could not be added")).to_be_visible()
    expect(user.page.locator(".turn")).to_have_count(0)
    failed.get_by_role("button", name="Try again").click()
    chips(user, 1)
    (tmp_path / "no.gif").write_bytes(b"GIF89a")
    user.attaches(tmp_path / "no.gif")
    expect(failed).to_contain_text("Only PNG, JPEG, WebP and HEIC")
    failed.get_by_role("button", name="Remove").click()
    user.page.get_by_role("button", name="Send").click()
    user.turn(0).shows_all()


def test_a_batch_arrives_without_moving_anything_and_with_few_requests(user: Visitor, drawing: Stack) -> None:
    user.sends("a first one").shows_all()
    drawing.draw_in(5)
    asked: list[Request] = []
    user.page.on("request", lambda request: asked.append(request) if "/updates/" in request.url else None)
    user.page.evaluate(SHIFTS)
    turn = user.sends("four in a row", images=4)
    turn.shows_all(4)
    # No box moves.
    assert user.page.evaluate("window.shifted") < 0.001
    # Each image tells of itself at most three times (drawn, stored, there); in between one request is held open.
    assert len(asked) <= 15


def test_on_a_phone_enter_makes_a_line_and_the_composer_stays_on_the_screen(
    new_visitor: Callable[..., Visitor], stack: Stack
) -> None:
    phone = new_visitor(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.log_in(stack.user)
    text = phone.page.get_by_label("What to draw")
    text.tap()
    text.press_sequentially("one")
    text.press("Enter")
    text.press_sequentially("two")
    expect(text).to_have_value("one\ntwo")
    expect(phone.page.locator(".turn")).to_have_count(0)
    assert text.evaluate("text => parseFloat(getComputedStyle(text).fontSize)") >= 16
    # A keyboard on glass leaves this much.
    phone.page.set_viewport_size({"width": 390, "height": 420})
    box = phone.page.locator(".composer").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < box["y"] + box["height"] <= 420
    phone.page.set_viewport_size(PHONE)
    phone.page.get_by_role("button", name=re.compile("Auto|1K")).first.tap()
    phone.chooses("batch_size", "2")
    phone.page.get_by_role("button", name="Close").first.tap()
    expect(phone.page.locator("[data-cost]")).to_have_text("2 images, 2 requests")
    text.fill("")


def test_earlier_prompts_come_back_by_arrow_and_by_search(user: Visitor) -> None:
    mark = uuid4().hex[:8]
    user.sends(f"a kite {mark}").shows_all()
    user.sends(f"a stone {mark}").shows_all()
    text = user.page.get_by_label("What to draw")
    text.press("ArrowUp")
    expect(text).to_have_value(f"a stone {mark}")
    text.press("ArrowUp")
    expect(text).to_have_value(f"a kite {mark}")
    text.press("ArrowDown")
    text.press("ArrowDown")
    expect(text).to_have_value("")
    user.page.get_by_role("button", name="Your prompts").click()
    user.page.get_by_label("Search your prompts").fill(f"KITE {mark}")
    found = user.page.locator("#history li")
    expect(found).to_have_count(1)
    found.get_by_role("button").click()
    expect(text).to_have_value(f"a kite {mark}")


def test_a_finished_picture_is_told_in_the_title_and_on_other_pages(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    other = user.opens_a_tab("/dashboard/")
    turn = user.sends("a picture to be told of", images=2)
    user.page.evaluate(HIDE, True)
    drawing.draw_in(0.3)
    expect(user.page).to_have_title(re.compile(r"^\(2\) "), timeout=60_000)
    assert "badge" in str(user.page.locator("link[rel=icon]").get_attribute("href"))
    toast = other.locator(".toast").filter(has_text="Pictures ready: 2")
    expect(toast).to_be_visible()
    user.page.evaluate(HIDE, False)
    expect(user.page).not_to_have_title(re.compile(r"^\("))
    assert "badge" not in str(user.page.locator("link[rel=icon]").get_attribute("href"))
    turn.shows_all(2)
    toast.get_by_role("link", name="Look").click()
    expect(other.locator(f"#{turn.place.get_attribute('id')}")).to_be_visible()
