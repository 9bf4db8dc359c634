"""When something between the person and the picture breaks: no card is lost, and the picture still comes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Route, expect
from tests.journeys.stack import FOR_LONG, Stack, eventually
from tests.journeys.visitor import Visitor

UPDATES = "**/updates/**"
SENDING = "**/turns/"
RECOVERED = 120_000


def fails_with(status: int) -> Callable[[Route], None]:
    def fail(route: Route) -> None:
        route.fulfill(status=status, content_type="text/html", body=f"<h1>{status}</h1>")

    return fail


def breaks_off(route: Route) -> None:
    route.abort("connectionreset")


def answers_with_nonsense(route: Route) -> None:
    route.fulfill(status=200, content_type="application/json", body='{"cursor": 1, "gener')


def test_updates_that_fail_in_every_way_lose_no_card(user: Visitor, drawing: Stack) -> None:
    user.expects("status of 50[0234]", "ERR_CONNECTION_RESET")
    user.sends("a first banana").shows_all()
    troubles = [fails_with(500), fails_with(502), breaks_off, fails_with(504), answers_with_nonsense]
    met: list[str] = []

    def trouble(route: Route) -> None:
        met.append(route.request.url)
        (troubles.pop(0) if troubles else Route.continue_)(route)

    user.context.route(UPDATES, trouble)
    drawing.draw_in(FOR_LONG)
    user.page.reload()
    turn = user.sends("a banana in a storm", images=2)
    turn.card().is_waiting()
    drawing.draw_in(1)
    turn.shows_all(2)
    assert len(met) > 5
    user.turn(0).shows_all()


def test_a_picture_whose_loading_was_cut_off_is_asked_for_again(user: Visitor, drawing: Stack) -> None:
    user.expects("ERR_CONNECTION_RESET")
    cuts = [breaks_off, breaks_off]

    def cut(route: Route) -> None:
        (cuts.pop() if cuts else Route.continue_)(route)

    user.context.route("**/images/**", cut)
    user.sends("a banana on a bad line").shows_all()
    assert not cuts


def test_a_page_without_network_keeps_its_boxes_and_catches_up(user: Visitor, drawing: Stack) -> None:
    user.expects("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK")
    drawing.draw_in(FOR_LONG)
    turn = user.sends("a banana far away", images=2)
    user.context.set_offline(True)
    drawing.draw_in(0.3)
    ids = ",".join(f"'{one}'" for one in turn.ids())
    done = f"SELECT count(*) FROM generations_generation WHERE status = 'succeeded' AND id IN ({ids})"
    eventually(lambda: drawing.rows(done) == [(2,)] or None, "pictures of which the page knows nothing")
    turn.card(0).is_waiting()
    turn.card(1).is_waiting()
    user.context.set_offline(False)
    turn.shows_all(2)


def test_a_message_that_could_not_leave_is_kept_and_sent_once(user: Visitor) -> None:
    user.expects("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK")
    user.sends("a banana at home").shows_all()
    user.context.set_offline(True)
    user.types_and_sends("a banana under way")
    expect(user.page.get_by_role("alert").filter(has_text="No connection")).to_be_visible()
    expect(user.page.get_by_label("What to draw")).to_have_value("a banana under way")
    expect(user.page.locator(".turn[data-turn]")).to_have_count(1)
    user.context.set_offline(False)
    user.page.get_by_role("button", name="Send").click()
    user.turn(1).shows_all()
    expect(user.page.locator(".turn[data-turn]")).to_have_count(2)


def test_a_message_whose_answer_got_lost_comes_by_the_news(user: Visitor) -> None:
    user.expects("ERR_CONNECTION_RESET")
    user.sends("a banana at home").shows_all()
    user.page.route(SENDING, lost, times=1)
    user.types_and_sends("a banana in the post")
    user.turn(1).shows_all()
    expect(user.page.get_by_label("What to draw")).to_have_value("")
    expect(user.page.locator(".turn[data-turn]")).to_have_count(2)


def test_a_message_whose_answer_got_lost_is_one_message_when_sent_again(user: Visitor) -> None:
    user.expects("ERR_CONNECTION_RESET")
    user.sends("a banana at home").shows_all()
    user.page.route(UPDATES, breaks_off)
    user.page.reload()  # the poll that waits already would bring the news
    user.page.route(SENDING, lost, times=1)
    user.types_and_sends("a banana in the post")
    expect(user.page.get_by_role("alert").filter(has_text="Nothing is lost")).to_be_visible()
    user.page.get_by_role("button", name="Send").click()
    expect(user.page.locator(".turn[data-turn]")).to_have_count(2)
    user.page.unroute(UPDATES)
    user.turn(1).shows_all()
    user.page.reload()
    expect(user.page.locator(".turn[data-turn]")).to_have_count(2)


def lost(route: Route) -> None:
    """The server takes it, its answer never arrives."""
    assert route.fetch().status == 201
    route.abort("connectionreset")


def test_a_session_that_ends_elsewhere_takes_nothing_away_and_goes_on_after_a_login(
    user: Visitor, stack: Stack, drawing: Stack
) -> None:
    user.expects("status of 40[13]")
    drawing.draw_in(FOR_LONG)
    turn = user.sends("a patient banana", images=2)
    other = user.opens_a_tab("/dashboard/")
    user.logs_out(other)
    told = user.page.get_by_text("You are signed out. Everything here stays.")
    expect(told).to_be_visible(timeout=60_000)
    expect(turn.cards).to_have_count(2)
    drawing.draw_in(0.3)

    first, user.page = user.page, other
    user.log_in(stack.user)
    user.page = first
    first.bring_to_front()
    turn.shows_all(2)
    expect(told).to_be_hidden()
    user.sends("a banana that came back").shows_all()


def test_someone_who_logged_out_while_a_picture_was_drawn_finds_it(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    user.sends(f"a banana in absence {uuid4().hex[:8]}")
    conversation = user.page.url
    user.logs_out()
    drawing.draw_in(0.3)
    user.goes_to(conversation)
    user.page.wait_for_url("**/accounts/login/**")
    user.log_in(drawing.user)
    user.goes_to(conversation)
    user.turn().shows_all()


def test_a_provider_that_is_away_is_told_in_words_and_costs_nothing(visitor: Visitor, drawing: Stack) -> None:
    visitor.log_in(drawing.person(f"eva-{uuid4().hex[:8]}", limit=5))
    card = visitor.sends("[fault:no_image] a banana").card()
    card.becomes("failed")
    expect(card.place).to_contain_text("without a picture. Nothing was charged.")
    expect(visitor.battery()).to_have_text("100%")


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_a_picture_whose_worker_was_killed_still_comes(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    turn = user.sends("a banana that survives", images=2)
    ids = turn.ids()
    for number in range(2):
        expect(turn.card(number).place).to_have_attribute("data-stage", "drawing", timeout=60_000)
    os.kill(drawing.process("worker"), signal.SIGKILL)
    drawing.draw_in(0.3)
    turn.shows_all(2, patience=RECOVERED)
    assert turn.ids() == ids
