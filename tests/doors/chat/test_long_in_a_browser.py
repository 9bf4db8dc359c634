"""A long conversation in a real Chromium: it stands still while it opens, and its past is within reach."""

from __future__ import annotations

from uuid import UUID

import pytest
from bench.archive import fill
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.doors.chat.test_in_a_browser import send

from nproxy.accounts.models import User
from nproxy.conversations.models import Turn
from nproxy.web.chat.pages import AT_ONCE

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def past(person: User) -> tuple[UUID, list[Turn]]:
    """A conversation longer than two pages, and its turns. Asked for before `page`: a running Playwright keeps all else from the database."""
    [conversation] = fill(person.pk, conversations=1, turns=2 * AT_ONCE + 5, images=1, now=timezone.now())
    return conversation, list(Turn.objects.filter(conversation_id=conversation).order_by("created_at", "id"))


def turns(page: Page) -> list[str]:
    return [str(turn.get_attribute("data-turn")) for turn in page.locator(".turn[data-turn]").all()]


SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifted += entry.value; }))
        .observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_chat_stands_still_while_it_opens(
    past: tuple[UUID, list[Turn]], page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(SHIFTS)
    page.goto(f"/chat/{past[0]}/")
    expect(page.locator(".turn").last.locator(".turn-actions")).to_be_attached()
    assert page.evaluate("window.shifted") <= 0.02


def test_older_turns_come_as_one_goes_up_and_what_one_looks_at_stays(
    past: tuple[UUID, list[Turn]], page: Page
) -> None:
    conversation, asked = past
    page.goto(f"/chat/{conversation}/")
    for there in (AT_ONCE, 2 * AT_ONCE):
        expect(page.locator(".turn[data-turn]")).to_have_count(there)
        first = page.locator(f"#turn-{asked[-there].id}")
        first.scroll_into_view_if_needed()
        expect(page.locator(".turn[data-turn]")).to_have_count(min(there + AT_ONCE, len(asked)))
        expect(first).to_be_in_viewport()
        expect(first.locator(".turn-actions")).to_be_attached()
    expect(page.locator("[data-earlier]")).to_have_count(0)
    assert turns(page) == [str(turn.id) for turn in asked]


def test_a_link_to_an_old_turn_leads_there_and_what_is_sent_from_there_to_the_end(
    past: tuple[UUID, list[Turn]], page: Page
) -> None:
    conversation, [oldest, *_] = past
    page.goto(f"/chat/{conversation}/#turn-{oldest.id}")
    page.wait_for_url(f"**/?turn={oldest.id}#turn-{oldest.id}")
    expect(page.locator(f"#turn-{oldest.id}")).to_be_in_viewport()
    send(page, "from the past")
    page.wait_for_url(f"**/chat/{conversation}/")
    expect(page.locator(".turn-prompt", has_text="from the past")).to_be_in_viewport()
    page.goto(f"/chat/{conversation}/?reuse={oldest.id}")
    expect(page.get_by_label("What to draw")).to_have_value(oldest.prompt)
    assert str(oldest.id) not in turns(page)
