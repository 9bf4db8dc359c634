"""Pictures looked at closely, found again, taken home, and deleted with a way back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.journeys.stack import Stack, eventually
from tests.journeys.visitor import Visitor

PHONE = {"width": 390, "height": 844}
# The system's share sheet, which no browser without a window has.
SHARE = """
navigator.canShare = () => true;
navigator.share = async ({files}) => { window.shared = files.map(({name, type, size}) => [name, type, size]); };
"""
MOVED = "document.querySelector('dialog [data-canvas]').style.transform"
FOCUSED = "document.activeElement?.closest('[data-image]')?.dataset.image ?? null"

# The bytes that came over the network for the page and all that it shows; what was kept from before counts nothing.
TRANSFERRED = """["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


@pytest.fixture
def person(visitor: Visitor, drawing: Stack) -> Visitor:
    """Someone new, who has drawn nothing yet."""
    drawing.draw_in(0)
    visitor.log_in(drawing.person(f"gal-{uuid4().hex[:8]}", limit=60))
    return visitor


def lightbox(page: Page) -> Locator:
    return page.locator("dialog#lightbox[open]")


def shown(page: Page) -> str:
    """The picture in the lightbox."""
    return str(lightbox(page).locator("[data-viewer]").get_attribute("data-image"))


def images(page: Page) -> list[str]:
    """The pictures of the chat's cards, in their order."""
    return [str(card.get_attribute("data-image")) for card in page.locator(".card").all()]


def test_the_lightbox_walks_by_keys_closes_by_back_and_gives_the_focus_back(person: Visitor) -> None:
    page = person.page
    person.sends("four small harbours", images=4).shows_all(4)
    chat, ids = page.url, images(page)
    page.locator(".card-link").nth(1).click()
    expect(lightbox(page).locator("[data-viewer]")).to_have_attribute("data-image", ids[1])
    assert ids[1] in page.url
    page.keyboard.press("ArrowRight")
    expect(lightbox(page).locator("[data-viewer]")).to_have_attribute("data-image", ids[2])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(lightbox(page).locator("[data-viewer]")).to_have_attribute("data-image", ids[0])
    page.keyboard.press("f")
    favourite = lightbox(page).get_by_role("button", name="Favourite")
    expect(favourite).to_have_attribute("aria-pressed", "true")
    # The keys stay within the dialog, however far one tabs.
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.go_back()
    expect(lightbox(page)).to_have_count(0)
    assert page.url == chat
    assert page.evaluate(FOCUSED) == ids[0]
    page.go_forward()
    expect(lightbox(page).locator("[data-viewer]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(lightbox(page)).to_have_count(0)
    assert page.url == chat
    person.goes_to("/dashboard/")
    person.goes_to(chat)
    person.turn().shows_all(4)
    assert 0 < page.evaluate(TRANSFERRED) < 60 * 1024


def test_on_a_phone_fingers_swipe_pinch_and_drag_and_a_download_is_shared(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    phone = new_visitor(viewport=PHONE, is_mobile=True, has_touch=True)
    phone.context.add_init_script(SHARE)
    drawing.draw_in(0)
    phone.log_in(drawing.person(f"fin-{uuid4().hex[:8]}", limit=5))
    for number, prompt in enumerate(("a first shell", "a second shell")):
        phone.types_and_sends(prompt)
        phone.turn(number).shows_all()
    page, ids = phone.page, images(phone.page)
    page.locator(".card-link").first.tap()
    viewer, stage = lightbox(page).locator("[data-viewer]"), lightbox(page).locator("[data-stage]")
    expect(viewer).to_have_attribute("data-image", ids[0])

    fingers(page, ((300, 400), (80, 405)))
    expect(viewer).to_have_attribute("data-image", ids[1])
    fingers(page, ((185, 420), (100, 420)), ((205, 420), (290, 420)))
    expect(stage).to_have_attribute("data-zoomed", "")
    before = page.evaluate(MOVED)
    fingers(page, ((250, 420), (150, 420)))
    assert page.evaluate(MOVED) != before
    # Back to the whole picture, which is no swipe however far the fingers went.
    fingers(page, ((60, 420), (190, 420)), ((330, 420), (200, 420)))
    fingers(page, ((60, 420), (190, 420)), ((330, 420), (200, 420)))
    expect(stage).not_to_have_attribute("data-zoomed", "")
    expect(viewer).to_have_attribute("data-image", ids[1])

    lightbox(page).get_by_role("button", name="Details").tap()
    lightbox(page).get_by_role("link", name="Download").tap()
    page.wait_for_function("() => window.shared")
    [(name, kind, size)] = page.evaluate("window.shared")
    assert re.search(r"shell.*\.(png|jpg|jpeg|webp)$", name)
    assert kind.startswith("image/")
    assert size > 1000


def fingers(page: Page, *ways: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """As many fingers as there are ways, each from one point to another, at the same time."""
    glass = page.context.new_cdp_session(page)

    def touch(kind: str, share: float) -> None:
        points = [
            {"x": x + (to_x - x) * share, "y": y + (to_y - y) * share, "id": number}
            for number, ((x, y), (to_x, to_y)) in enumerate(ways)
        ]
        glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0)
    for step in range(1, 9):
        touch("touchMove", step / 8)
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    glass.detach()


def test_a_picture_s_address_opens_it_by_itself_and_closing_leads_to_its_conversation(
    person: Visitor,
) -> None:
    page = person.page
    person.sends("a single harbour").shows_all()
    chat, [picture] = page.url, images(page)
    page.locator(".card-link").click()
    expect(lightbox(page)).to_be_visible()
    address = page.url
    person.goes_to("/dashboard/")
    person.goes_to(address)
    assert shown(page) == picture
    # It is modal from the start: what lies behind is out of reach.
    assert page.evaluate("document.querySelector('dialog').matches(':modal')")
    lightbox(page).get_by_role("link", name="Close").click()
    page.wait_for_url(f"{chat}?turn=*")


def test_wheel_and_double_click_zoom_towards_the_pointer_and_the_original_comes(person: Visitor) -> None:
    page = person.page
    person.sends("a wide harbour").shows_all()
    page.locator(".card-link").click()
    picture = lightbox(page).locator("[data-picture]")
    expect(picture).to_have_attribute("src", re.compile("/1280$"))
    picture.evaluate("img => img.decode()")
    box = picture.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    expect(lightbox(page).locator("[data-stage]")).to_have_attribute("data-zoomed", "")
    grown = picture.bounding_box()
    assert grown is not None
    assert grown["width"] > 1.5 * box["width"]
    # A quarter in from the corner it was, and a quarter in it still is.
    assert abs((x - grown["x"]) / grown["width"] - 0.25) < 0.02
    expect(picture).to_have_attribute("src", re.compile("/original$"))
    page.mouse.dblclick(x, y)
    expect(lightbox(page).locator("[data-stage]")).not_to_have_attribute("data-zoomed", "")


def test_before_and_after_and_edit_this_from_the_lightbox(person: Visitor) -> None:
    page = person.page
    first = person.sends("a lamp by day")
    first.shows_all()
    first.card().presses("Edit this")
    person.sends("by night").shows_all()
    page.locator(".card-link").last.click()
    compare = lightbox(page).get_by_role("button", name="Before and after")
    compare.click()
    slider = lightbox(page).get_by_role("slider")
    expect(slider).to_be_focused()
    before = lightbox(page).locator("[data-source]")
    seen = before.evaluate("img => getComputedStyle(img).clipPath")
    page.keyboard.press("Home")
    assert before.evaluate("img => getComputedStyle(img).clipPath") != seen
    chosen = shown(page)
    lightbox(page).get_by_role("link", name="Edit this").click()
    expect(lightbox(page)).to_have_count(0)
    expect(page.locator(".attachment")).to_have_count(1)
    assert chosen in str(page.locator(".attachment img").get_attribute("src"))


def test_a_deleted_picture_turn_or_conversation_can_be_had_back_for_a_moment(person: Visitor) -> None:
    page = person.page
    turn = person.sends("two lost and found", images=2)
    turn.shows_all(2)
    turn.card().chooses("Delete")
    expect(turn.cards).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(turn.cards).to_have_count(2)
    page.reload()
    expect(person.turn().cards).to_have_count(2)

    turn = person.turn()
    turn.place.hover()
    turn.place.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".turn")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(person.turn().cards).to_have_count(2)

    line = page.locator(".rail-line").first
    line.hover()
    line.get_by_role("button").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.wait_for_url("**/chat/")
    expect(page.locator(".rail-line")).to_have_count(0)
    # The offer has come along to the next page.
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".rail-line")).to_have_count(1)
    page.locator(".rail-line a").click()
    person.turn().shows_all(2)


def test_conversations_are_found_by_their_words_and_renamed_in_place(person: Visitor) -> None:
    page = person.page
    person.sends("a zeppelin over a lake").shows_all()
    person.goes_to("/chat/")
    person.sends("a teapot").shows_all()
    search = page.get_by_role("searchbox", name="Search conversations")
    search.fill("zepp")
    expect(page.locator(".rail-line")).to_have_count(1)
    search.fill("")
    expect(page.locator(".rail-line")).to_have_count(2)
    line = page.locator(".rail-line").first
    line.hover()
    line.get_by_role("button").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title").fill("Kitchen things")
    page.keyboard.press("Enter")
    expect(line).to_contain_text("Kitchen things")
    page.reload()
    expect(page.locator(".rail-line").first).to_contain_text("Kitchen things")


def test_a_choice_of_pictures_is_packed_with_the_tab_closed_and_told_on_any_page(
    person: Visitor, drawing: Stack
) -> None:
    person.sends("four keepsakes", images=4).shows_all(4)
    person.goes_to("/gallery/")
    page = person.page
    page.get_by_role("button", name="Select").click()
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(4)
    tiles.nth(0).click()
    tiles.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.get_by_text("being packed")).to_be_visible()
    page.close()

    person.page = person.context.new_page()
    person.goes_to("/dashboard/")
    ready = person.page.get_by_role("link", name=re.compile("images to download"))

    def is_told() -> bool | None:
        if ready.count():
            return True
        person.page.reload()
        return None

    eventually(is_told, "a file to fetch in the rail")
    answer = person.page.request.get(str(ready.get_attribute("href")))
    with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
        assert all(
            re.fullmatch(r"four-keepsakes_\d{4}-\d\d-\d\d_0[123]\.\w+", name) for name in archive.namelist()
        )


def test_the_news_of_a_packed_file_come_to_an_open_page(person: Visitor) -> None:
    person.sends("one keepsake").shows_all()
    turn = person.turn()
    turn.place.hover()
    turn.place.get_by_role("button", name="Download all").click()
    expect(person.page.get_by_text("Your file with 1 image is ready.").first).to_be_attached(timeout=60_000)


def test_pictures_are_chosen_favoured_deleted_and_restored_in_the_gallery(person: Visitor) -> None:
    page = person.page
    person.sends("four candidates", images=4).shows_all(4)
    person.goes_to("/gallery/?q=candid")
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(4)
    page.get_by_role("button", name="Select").click()
    tiles.nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Favourite", exact=True).click()
    expect(page.locator(".tile[data-favourite]")).to_have_count(1)
    page.get_by_role("button", name="Select").click()
    tiles.nth(0).click()
    tiles.nth(3).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(tiles).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(tiles).to_have_count(4)
    page.get_by_role("link", name="Favourites").click()
    expect(tiles).to_have_count(1)
    tiles.first.locator("a").click()
    # What is still on its way when it is deleted is not found, and the console says so.
    lightbox(page).locator("[data-picture]").evaluate("picture => picture.decode()")
    lightbox(page).get_by_role("button", name="Delete").click()
    expect(lightbox(page)).to_have_count(0)
    expect(tiles).to_have_count(0)


def test_without_scripts_pictures_are_still_found_looked_at_and_deleted(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    login = drawing.person(f"plain-{uuid4().hex[:8]}", limit=5)
    scripted = new_visitor()
    scripted.log_in(login)
    scripted.sends("a plain picture").shows_all()
    plain = new_visitor(java_script_enabled=False)
    plain.log_in(login)
    plain.goes_to("/gallery/?q=plain")
    plain.page.locator(".tile a").click()
    dialog = plain.page.locator("dialog[open]")
    expect(dialog).to_contain_text("a plain picture")
    dialog.get_by_role("button", name="Delete").click()
    plain.goes_to("/gallery/")
    expect(plain.page.locator(".tile")).to_have_count(0)
