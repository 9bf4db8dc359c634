"""The checkout in a browser: the page of one order, and how one gets there."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect
from tests.journeys.visitor import Visitor

USDT = "USDT on Tron"
# Milliseconds: a call to the processor that got lost on a busy machine is made again, a payment read again, after a minute.
AGAIN = 180_000


class Checkout:
    """The page of one order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1)

    def chooses(self, coin: str) -> None:
        """Picks a coin and waits for its address."""
        self.page.locator(".coin").filter(has_text=coin).click(timeout=AGAIN)
        self.page.get_by_role("button", name="Show me the address").click()
        expect(self.amount).to_be_visible(timeout=AGAIN)

    @property
    def amount(self) -> Locator:
        return self.page.locator("#amount")

    @property
    def payment(self) -> str:
        """The processor's number for it."""
        link = self.page.get_by_role("link", name="Sandbox: play the payer").get_attribute("href")
        return str(link).rpartition("/")[2]

    def rung(self) -> Locator:
        return self.page.locator(".ladder [aria-current=step]")

    def says(self, words: str) -> None:
        expect(self.heading).to_contain_text(words, timeout=AGAIN)


def ordered(visitor: Visitor, button: str = "Get the plan for $19") -> Checkout:
    visitor.goes_to("/billing/")
    visitor.presses(button)
    visitor.page.wait_for_url("**/billing/orders/**")
    return Checkout(visitor.page)
