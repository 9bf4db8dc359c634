"""The chat's modules in a real Chromium, where answers get lost: nothing is sent twice, nothing locks itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.usefixtures("store")
SENDING = "**/turns/"
NEWS = """turn => document.dispatchEvent(new CustomEvent("nproxy:news", {detail: {
    now: new Date().toISOString(), quota: 100,
    generations: [{id: "not-here", turn, status: "queued", stage: "in_line", deleted: false}],
}}))"""


def send(page: Page, prompt: str) -> None:
    page.get_by_label("What to draw").fill(prompt)
    page.get_by_role("button", name="Send").click()


def sent(page: Page, prompt: str, number: int) -> None:
    """Send it and see it as the turn of that number."""
    send(page, prompt)
    expect(page.locator(".turn[data-turn]")).to_have_count(number)


def losing(page: Page) -> Callable[[], str]:
    """The next answer to a message gets lost after the server has taken it; gives the id of its turn."""
    turns: list[str] = []

    def lost(route: Route) -> None:
        turns.append(re.findall(r'data-turn="([^"]+)"', route.fetch().text())[0])
        route.abort("connectionreset")

    page.route(SENDING, lost, times=1)
    return lambda: turns[0]


def prompts(page: Page) -> list[str]:
    page.reload()
    return page.locator(".turn-prompt").all_inner_texts()


def test_a_text_changed_after_a_lost_answer_is_a_message_of_its_own(page: Page) -> None:
    sent(page, "a banana at home", 1)
    losing(page)
    send(page, "a banana in the post")
    expect(page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    sent(page, "a banana by courier", 2)
    expect(page.get_by_label("What to draw")).to_have_value("")
    sent(page, "a banana at last", 3)
    assert prompts(page) == [
        "a banana at home",
        "a banana in the post",
        "a banana by courier",
        "a banana at last",
    ]


def test_a_lost_message_that_the_news_brings_is_cleared_and_done_with(page: Page) -> None:
    turn = losing(page)
    send(page, "a banana in the post")
    trouble = page.get_by_role("alert").filter(has_text="Nothing is lost")
    expect(trouble).to_be_visible()
    page.evaluate(NEWS, turn())
    expect(page.locator(".turn[data-turn]")).to_have_count(1)
    expect(page.get_by_label("What to draw")).to_have_value("")
    expect(trouble).to_be_hidden()
    sent(page, "a banana in the post", 2)


def test_what_was_typed_meanwhile_stays_when_the_news_brings_a_lost_message(page: Page) -> None:
    turn = losing(page)
    send(page, "a banana in the post")
    expect(page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    page.get_by_label("What to draw").fill("a pear")
    page.evaluate(NEWS, turn())
    expect(page.locator(".turn[data-turn]")).to_have_count(1)
    expect(page.get_by_label("What to draw")).to_have_value("a pear")
    sent(page, "a pear", 2)


def test_a_turn_that_could_not_be_fetched_is_fetched_later(page: Page) -> None:
    sent(page, "here", 1)
    other = page.context.new_page()
    other.goto(page.url)
    sent(other, "elsewhere", 2)
    turn = other.locator(".turn[data-turn]").last.get_attribute("data-turn")
    page.route(
        "**/chat/*/?only=*",
        lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>502</h1>"),
        times=1,
    )
    page.evaluate(NEWS, turn)
    expect(page.locator(".turn[data-turn]")).to_have_count(2, timeout=20_000)


def test_a_draft_from_before_the_last_keys_goes_with_its_message(page: Page) -> None:
    text = page.get_by_label("What to draw")
    with page.expect_response("**/draft/"):
        text.fill("half")
    text.fill("half a banana")
    text.press("Enter")
    expect(page.locator(".turn[data-turn]")).to_have_count(1)
    page.goto("/chat/")
    expect(text).to_have_value("")


def test_a_signed_out_send_says_so_and_keeps_the_text(page: Page) -> None:
    sent(page, "here", 1)
    page.route(SENDING, lambda route: route.fulfill(status=403, content_type="text/html", body="too old"))
    page.context.clear_cookies()
    send(page, "too late")
    expect(page.locator(".composer-errors")).to_have_text("You are signed out. Log in and try again.")
    expect(page.get_by_text("You are signed out. Everything here stays.")).to_be_visible()
    expect(page.get_by_label("What to draw")).to_have_value("too late")


def test_while_the_page_cannot_ask_it_says_so_and_the_battery_is_grey(page: Page) -> None:
    # No poll of this page gets an answer.
    expect(page.get_by_text("Reconnecting.")).to_be_visible(timeout=30_000)
    expect(page.locator(".battery-cells").first).to_have_css("filter", "grayscale(1)")
    expect(page.get_by_role("img", name="100 percent left").first).to_be_visible()


def test_staging_leaves_the_composer_on_the_screen(page: Page) -> None:
    page.evaluate(
        """document.querySelector(".app").insertAdjacentHTML("beforebegin", "<p class=strip>Staging</p>")"""
    )
    box = page.locator(".composer").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= page.evaluate("window.innerHeight")


def test_on_a_phone_a_long_title_gives_way_to_its_day(page: Page) -> None:
    sent(page, "a banana with a title that is far too long for the small screen of a phone", 1)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/dashboard/")
    day = page.get_by_role("main").locator(".rail-link .push")
    assert day.evaluate("day => day.scrollWidth <= day.clientWidth")


def presses_enter(page: Page, **event: object) -> None:
    """Enter as the browser tells it while an input method is at work, or not."""
    told = {"key": "Enter", "bubbles": True, "cancelable": True, **event}
    page.get_by_label("What to draw").dispatch_event("keydown", told)


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(page: Page) -> None:
    page.get_by_label("What to draw").fill("バナナ")
    presses_enter(page, isComposing=True, keyCode=229)
    presses_enter(page, isComposing=True)
    presses_enter(page, keyCode=229)
    expect(page.get_by_label("What to draw")).to_have_value("バナナ")
    expect(page.locator(".turn")).to_have_count(0)
    presses_enter(page, keyCode=13)
    expect(page.locator(".turn[data-turn]")).to_have_count(1)
    assert prompts(page) == ["バナナ"]


def test_a_conversation_that_a_search_hides_keeps_its_title(page: Page) -> None:
    sent(page, "a banana at home", 1)
    expect(page).to_have_title("a banana at home · nproxy")
    page.get_by_label("Search conversations").fill("nothing like it")
    lines = page.locator("[data-conversations] .rail-line")
    expect(lines).to_have_count(0)
    sent(page, "a pear", 2)
    expect(page.get_by_label("What to draw")).to_have_value("")
    expect(page).to_have_title("a banana at home · nproxy")
    expect(lines).to_have_count(0)


ELSEWHERE = """async ([deed, title]) => {
    const body = new FormData();
    body.set("title", title);
    const headers = {Accept: "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value};
    await fetch(`${location.pathname}${deed}/`, {method: "POST", body, headers});
}"""
LISTED_ANEW = """conversations => document.dispatchEvent(new CustomEvent("nproxy:news", {
    detail: {now: new Date().toISOString(), quota: 100, notices: [], generations: [], conversations},
}))"""


def test_what_another_tab_renames_or_deletes_changes_in_this_one_s_list(page: Page) -> None:
    sent(page, "a banana", 1)
    other = page.context.new_page()
    other.goto(page.url)
    line = page.locator("[data-conversations] .rail-line")
    other.evaluate(ELSEWHERE, ["rename", "Fruit"])
    page.evaluate(LISTED_ANEW, "renamed")
    expect(line).to_contain_text("Fruit")
    expect(page).to_have_title("Fruit · nproxy")
    other.evaluate(ELSEWHERE, ["delete", ""])
    page.evaluate(LISTED_ANEW, "deleted")
    expect(line).to_have_count(0)


def waited(page: Page) -> int:
    """Seconds that the card says it has been waiting for."""
    minutes, seconds = page.locator("[data-elapsed]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_the_time_waited_goes_on_over_a_reload(page: Page) -> None:
    sent(page, "a slow banana", 1)
    expect(page.locator("[data-elapsed]")).to_have_text(re.compile(r"0:0[3-9]|[1-9]:|:[1-5]\d"))
    before = waited(page)
    page.reload()
    expect(page.locator("[data-elapsed]")).to_have_text(re.compile(r"\d:\d\d"))
    assert waited(page) >= before


DRAWN_UNSEEN = """ways => {
    Object.defineProperty(document, "hidden", {configurable: true, value: true});
    document.body.dataset.tells = ways;
    const finished_at = new Date(Date.now() + 60000).toISOString();
    document.dispatchEvent(new CustomEvent("nproxy:news", {detail: {
        now: finished_at, quota: 100, notices: [],
        generations: [{id: crypto.randomUUID(), turn: "elsewhere", status: "succeeded", finished_at}],
    }}));
    return [document.title, document.querySelector("link[rel=icon]").href.includes("badge")];
}"""


def test_the_tab_s_title_and_its_icon_each_have_a_switch(page: Page) -> None:
    title = page.title()
    assert page.evaluate(DRAWN_UNSEEN, "toast") == [title, False]
    assert page.evaluate(DRAWN_UNSEEN, "icon toast") == [title, True]
    assert page.evaluate(DRAWN_UNSEEN, "tab") == [f"(3) {title}", False]


PASTED = """([words, name]) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", words);
    clipboardData.items.add(new File(["<svg/>"], name, {type: "image/png"}));
    const paste = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
    document.activeElement.dispatchEvent(paste);
}"""


def test_a_file_pasted_with_its_name_is_a_picture_and_words_with_a_picture_are_words(page: Page) -> None:
    page.evaluate(PASTED, ["two words", "image.png"])
    expect(page.locator(".attachment")).to_have_count(0)
    page.evaluate(PASTED, ["banana.png", "banana.png"])
    expect(page.locator(".attachment")).to_have_count(1)
