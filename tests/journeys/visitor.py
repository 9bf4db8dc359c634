"""A person with a browser: what they do on the pages and what they see there, in the words of a journey."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, expect
from tests.journeys.chromium import SMALL_PATIENCE
from tests.journeys.stack import Login

# Milliseconds until a picture that should appear is given up.
PATIENCE = 120_000
# How Chromium ends what is under way when a network of the machine comes or goes, Docker's for instance: nothing of ours.
ELSEWHERE = "ERR_NETWORK_CHANGED"


class Visitor:
    """One browser context. `page` is the tab in front; `complaints` is what went wrong in any tab unasked."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self._expected = [ELSEWHERE]
        context.set_default_timeout(SMALL_PATIENCE)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(f"{error.page.url}: {error.error}"))
        self.page = context.new_page()

    def expects(self, *complaints: str) -> None:
        """These (regular expressions) will be on the console, and rightly so."""
        self._expected += complaints

    def _hear(self, message: ConsoleMessage) -> None:
        complaint = f"{message.location['url']}: {message.text}"
        if message.type == "error" and not any(re.search(words, complaint) for words in self._expected):
            self.complaints.append(complaint)

    def leave(self) -> None:
        self.context.close()

    # Tabs

    def opens_a_tab(self, address: str = "") -> Page:
        """A second tab, on the address of the first unless another one is given; `page` stays the first."""
        tab = self.context.new_page()
        arrives(tab, address or self.page.url)
        return tab

    def goes_to(self, address: str) -> None:
        arrives(self.page, address)

    # Accounts

    def log_in(self, login: Login) -> None:
        """Through the form, to the chat."""
        self.fills_login(login)
        self.page.wait_for_url("**/chat/")

    def fills_login(self, login: Login) -> None:
        self.goes_to("/accounts/login/")
        self.page.get_by_label("E-mail").fill(login.email)
        self.page.get_by_label("Password", exact=True).fill(login.password)
        self.presses("Log in")

    def logs_out(self, page: Page | None = None) -> None:
        page = page or self.page
        arrives(page, "/accounts/logout/")
        page.get_by_role("main").get_by_role("button", name="Log out").click()
        page.wait_for_url(re.compile(r"/$"))

    def presses(self, button: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=button, exact=True).click()

    # The composer

    def chooses(self, setting: str, label: str) -> None:
        self.page.locator(f"[data-setting={setting}] label").filter(has_text=label).click()

    def attaches(self, *pictures: Path) -> None:
        self.page.locator("input[type=file]").set_input_files(list(pictures))

    def sends(self, prompt: str, *, images: int = 1) -> Turn:
        """Types the prompt, sends it, and sees the turn with a box for each image."""
        before = self.page.locator(".turn[data-turn]").count()
        self.chooses("batch_size", str(images))
        self.types_and_sends(prompt)
        turns = self.page.locator(".turn[data-turn]")
        expect(turns).to_have_count(before + 1)
        turn = self.turn(before)
        expect(turn.cards).to_have_count(images)
        return turn

    def types_and_sends(self, prompt: str) -> None:
        self.page.get_by_label("What to draw").fill(prompt)
        self.page.get_by_role("button", name="Send").click()

    # The conversation

    def turn(self, number: int = -1, page: Page | None = None) -> Turn:
        """The turn of that number; the last one by default."""
        return Turn((page or self.page).locator(".turn[data-turn]").nth(number))

    def battery(self) -> Locator:
        """What is left, in the rail."""
        return self.page.locator("[data-battery-text]").first


def arrives(page: Page, address: str) -> None:
    """Go there, once more if the machine's networks changed on the way."""
    try:
        page.goto(address)
    except Error as error:
        if ELSEWHERE not in str(error):
            raise
        page.goto(address)


class Turn:
    """A message and its boxes."""

    def __init__(self, place: Locator) -> None:
        self.place = place
        self.cards = place.locator(".card")

    def ids(self) -> list[str]:
        """The generations behind the boxes, in their order."""
        return [str(card.get_attribute("data-generation")) for card in self.cards.all()]

    def card(self, number: int = 0) -> Card:
        return Card(self.cards.nth(number))

    def shows_all(self, count: int = 1, patience: int = PATIENCE) -> None:
        """Every box gets its picture, by itself."""
        expect(self.cards).to_have_count(count)
        for number in range(count):
            self.card(number).shows_its_picture(patience)


# One whose loading was cut off is asked for again by the page.
DECODED = """async (img, patience) => {
  for (const end = Date.now() + patience; ; await new Promise((go) => setTimeout(go, 200))) {
    const trouble = await img.decode().then(() => null, (error) => error);
    if (!trouble) return;
    if (Date.now() > end) throw trouble;
  }
}"""


class Card:
    """One box."""

    def __init__(self, place: Locator) -> None:
        self.place = place
        self.picture = place.locator(".card-link img")

    def is_waiting(self) -> None:
        expect(self.place).to_have_attribute("data-status", re.compile("queued|running"))

    def becomes(self, status: str, patience: int = PATIENCE) -> None:
        expect(self.place).to_have_attribute("data-status", status, timeout=patience)

    def shows_its_picture(self, patience: int = PATIENCE) -> tuple[int, int]:
        """The picture is there and its bytes are a picture's; its width and height in pixels."""
        self.becomes("succeeded", patience)
        self.picture.scroll_into_view_if_needed()
        self.picture.evaluate(DECODED, patience)
        width, height = self.picture.evaluate("img => [img.naturalWidth, img.naturalHeight]")
        assert width > 0
        assert height > 0
        return int(width), int(height)

    def presses(self, button: str) -> None:
        self.place.hover()
        self.place.get_by_role("button", name=button).click()

    def chooses(self, item: str) -> None:
        """One item of its menu."""
        self.presses("More")
        self.place.page.get_by_role("menuitem", name=item).click()
