"""An operator's phone: from a stranger's /start to a key brought back from the chat, as the audit log tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.journeys.stack import Stack

PATIENCE = 90_000
LABEL = "runs dry"


@pytest.fixture
def phone(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Emil's."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{stack.telegram}/phones/7005")
    yield page
    context.close()


def newest(phone: Page, words: str) -> Locator:
    """The last bubble with these words in it, once it is there. News of other journeys may follow it."""
    bubble = phone.locator("article.theirs").filter(has_text=words).last
    expect(bubble).to_be_visible(timeout=PATIENCE)
    return bubble


def test_a_key_runs_dry_and_is_brought_back_from_the_chat(stack: Stack, phone: Page) -> None:
    phone.get_by_role("button", name="Start").first.click()
    code = re.findall(r"nproxy pair (\w{8})", newest(phone, "nproxy pair").inner_text())[0]
    assert "Paired Emil as operator" in stack.nproxy("pair", code, "--yes")
    newest(phone, "You are in, Emil.")

    secret = "sk-or-v1-sandbox-limit_zero-journey"
    stack.nproxy("keys", "add", "--provider", "openrouter", "--label", LABEL, stdin=secret)
    alert = newest(phone, f"Key is out of funds · {LABEL}")
    alert.get_by_role("button", name="Return to service").click()
    question = newest(phone, f"Return {LABEL} to service")
    question.get_by_role("button", name="Yes, return it").click()
    expect(phone.get_by_role("status")).to_have_text("Returned to service.", timeout=PATIENCE)

    key = next(one for one in json.loads(stack.nproxy("keys", "list", "--json")) if one["label"] == LABEL)
    trail = stack.rows(
        "SELECT action, actor_kind, actor_name, reason FROM audit_auditentry"
        " WHERE target_kind = 'key' AND target_id = %s ORDER BY id",
        str(key["id"]),
    )
    assert trail[0][0] == "key.added"
    assert trail[1] == ("key.returned_to_service", "telegram", "@emil", "from the Telegram bot")
    stack.nproxy("keys", "remove", str(key["id"]))
    stack.nproxy("admins", "revoke", "@emil")
    assert secret not in phone.content()
