"""Each service dies under load: it comes back by itself, nothing is lost, nothing is counted twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.compose.crowd import Crowd
from tests.compose.stack import ComposeStack
from tests.journeys.stack import eventually
from tests.journeys.visitor import Visitor

BACK_MS = 60_000
KILLED = ("web", "worker", "bot", "caddy")
# What a browser's console may say while a part of the stack is away.
AWAY = (r"status of 50\d", "net::ERR_", "Failed to load resource")


@pytest.fixture(autouse=True)
def slowly(stack: ComposeStack) -> Iterator[None]:
    """Pictures take long enough to be caught at it."""
    stack.draw_in(2)
    yield
    stack.draw_in(0.3)


def test_each_service_dies_in_turn_while_it_works_comes_back_and_nothing_is_lost(stack: ComposeStack) -> None:
    crowds = []
    for service in (*KILLED, "postgres"):
        crowds.append(crowd := Crowd(stack, people=3))
        with crowd.sending(turns=4, images=2):
            eventually(lambda crowd=crowd: crowd.is_served() or None, "pictures under way")
            if service in KILLED:
                stack.kill(service)
            else:
                stack.compose("restart", service)
        for each in (service, "web", "worker"):
            stack.has_come_back(each)
    # Together, at the end: what a dead worker had in its hands is missed after a while only.
    for crowd in crowds:
        crowd.all_has_come_well()


def test_a_page_that_was_open_goes_on_by_itself(stack: ComposeStack, visitor: Visitor) -> None:
    visitor.expects(*AWAY)
    login = stack.person("onlooker", limit=50)
    visitor.log_in(login)
    turn = visitor.sends("a banana that outlives a crash", images=2)
    stack.kill("web")
    turn.shows_all(2)
    stack.kill("caddy")
    stack.has_come_back("caddy")
    told = visitor.page.get_by_text(re.compile("reconnecting", re.IGNORECASE))
    expect(told).to_be_hidden(timeout=BACK_MS)
    visitor.sends("and one more").shows_all()


def test_a_full_disk_refuses_in_words_and_is_over_when_there_is_room(
    stack: ComposeStack, visitor: Visitor
) -> None:
    visitor.expects("status of 503")
    login = stack.person("hoarder", limit=50)
    visitor.log_in(login)
    _python(
        stack,
        "import os; f = os.open('ballast', os.O_CREAT | os.O_RDWR); os.posix_fallocate(f, 0, 400 << 20)",
    )
    visitor.types_and_sends("a banana that finds no room")
    expect(visitor.page.get_by_role("alert").filter(has_text="cannot store")).to_be_visible()
    of_theirs = f"(SELECT id FROM accounts_user WHERE email = '{login.email}')"
    assert stack.sql(f"SELECT sum(used + held) FROM quota_quota WHERE user_id = {of_theirs}") == "0"
    _python(stack, "import os; os.unlink('ballast')")
    visitor.page.get_by_role("button", name="Send").click()
    visitor.turn().shows_all()


def _python(stack: ComposeStack, program: str) -> None:
    """In the folder of the data volume."""
    stack.compose("exec", "-T", "worker", "python", "-c", program)
