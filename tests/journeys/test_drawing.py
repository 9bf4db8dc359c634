"""What people do in the chat, and that every picture arrives wherever they look."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.journeys.stack import FOR_LONG, Stack
from tests.journeys.visitor import Visitor

ORIENTATION = 0x0112
TURNED_RIGHT = 6


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """As a phone held upright writes it: stored lying, 900 × 600, with a note to turn it."""
    picture = Image.effect_noise((900, 600), 60).convert("RGB")
    picture.paste((220, 60, 40), (0, 0, 450, 600))
    notes = Image.Exif()
    notes[ORIENTATION] = TURNED_RIGHT
    picture.save(tmp_path / "photo.jpg", exif=notes, quality=90)
    return tmp_path / "photo.jpg"


def test_a_batch_has_its_boxes_at_once_and_its_pictures_by_itself(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    user.chooses("resolution", "1K")
    turn = user.sends("four bananas on a shelf", images=4)
    for number in range(4):
        turn.card(number).is_waiting()
    drawing.draw_in(0.3)
    turn.shows_all(4)


def test_a_photo_of_one_s_own_is_turned_upright_and_changed_subtly(
    user: Visitor, drawing: Stack, photo: Path
) -> None:
    user.attaches(photo)
    user.chooses("strength", "Subtle")
    turn = user.sends("make it evening")
    width, height = turn.card().shows_its_picture()
    assert height > width
    source = turn.place.get_by_role("img", name="Source picture 1")
    assert source.evaluate("img => img.decode().then(() => img.naturalHeight > img.naturalWidth)")
    expect(turn.place.locator(".turn-settings")).to_contain_text("Subtle")
    assert drawing.calls()[-1]["sources"] == 1
    expect(user.page.locator(".attachment")).to_have_count(0)


def test_a_picture_just_drawn_is_the_start_of_the_next(user: Visitor, drawing: Stack) -> None:
    first = user.sends("a red boat")
    first.card().shows_its_picture()
    first.card().presses("Edit this")
    expect(user.page.locator(".attachment")).to_have_count(1)
    user.sends("now at night").card().shows_its_picture()
    assert drawing.calls()[-1]["sources"] == 1


def test_the_same_is_drawn_again_with_its_settings_and_its_picture(user: Visitor, drawing: Stack) -> None:
    first = user.sends("a red boat")
    first.card().shows_its_picture()
    first.card().presses("Edit this")
    user.chooses("strength", "Strong")
    user.sends("now at night", images=2).shows_all(2)
    user.turn(1).card(1).presses("Again")
    again = user.turn(2)
    again.shows_all(1)
    expect(again.place.locator(".turn-prompt")).to_have_text("now at night")
    expect(again.place.locator(".turn-settings")).to_contain_text("Strong")
    assert drawing.calls()[-1]["sources"] == 1

    user.turn(1).place.get_by_role("button", name="Use these settings").click()
    expect(user.page.locator(".attachment")).to_have_count(1)
    expect(user.page.get_by_label("What to draw")).to_have_value("now at night")
    expect(user.page.locator("input[name=batch_size]:checked")).to_have_value("2")


def test_a_page_reloaded_in_the_middle_shows_the_same_boxes_and_then_their_pictures(
    user: Visitor, drawing: Stack
) -> None:
    drawing.draw_in(FOR_LONG)
    ids = user.sends("two lighthouses", images=2).ids()
    user.page.reload()
    turn = user.turn()
    assert turn.ids() == ids
    turn.card().is_waiting()
    drawing.draw_in(0.3)
    turn.shows_all(2)
    assert turn.ids() == ids


def test_two_tabs_show_what_either_of_them_sent(user: Visitor) -> None:
    user.sends("a green door").shows_all()
    other = user.opens_a_tab()
    ids = user.sends("a blue door").ids()
    seen = user.turn(1, other)
    seen.shows_all()
    assert seen.ids() == ids
    user.turn(1).shows_all()


def test_a_second_device_shows_it_too(
    new_visitor: Callable[..., Visitor], user: Visitor, stack: Stack
) -> None:
    user.sends("a paper kite").shows_all()
    phone = new_visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.log_in(stack.user)
    phone.goes_to(user.page.url)
    phone.turn().shows_all()


def test_a_tab_closed_while_a_batch_runs_misses_nothing(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    prompt = f"four owls {uuid4().hex[:8]}"
    ids = user.sends(prompt, images=4).ids()
    user.page.close()
    drawing.draw_in(0.3)

    user.page = user.context.new_page()
    user.goes_to("/chat/")
    user.page.get_by_role("navigation").get_by_role("link", name=prompt).click()
    turn = user.turn()
    turn.shows_all(4)
    assert turn.ids() == ids


def test_one_of_a_batch_is_cancelled_and_later_drawn_in_its_place(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    turn = user.sends("two clouds", images=2)
    ids = turn.ids()
    cancelled = turn.card(1)
    cancelled.presses("Cancel")
    cancelled.becomes("canceled")
    expect(cancelled.place).to_contain_text("Nothing was charged")
    drawing.draw_in(0.3)
    turn.card(0).shows_its_picture()
    cancelled.becomes("canceled")

    cancelled.presses("Try again")
    turn.shows_all(2)
    assert turn.ids() == ids


def test_a_whole_batch_is_cancelled_with_one_button(user: Visitor, drawing: Stack) -> None:
    drawing.draw_in(FOR_LONG)
    turn = user.sends("four clouds", images=4)
    turn.place.get_by_role("button", name="Cancel all").click()
    for number in range(4):
        turn.card(number).becomes("canceled")


def test_a_declined_prompt_says_why_costs_nothing_and_works_when_worded_differently(
    visitor: Visitor, drawing: Stack
) -> None:
    visitor.log_in(drawing.person(f"ida-{uuid4().hex[:8]}", limit=5))
    expect(visitor.battery()).to_have_text("100%")
    declined = visitor.sends("[fault:IMAGE_SAFETY] a banana").card()
    declined.becomes("failed")
    expect(declined.place).to_contain_text("The model declined this one. Nothing was charged.")
    expect(declined.place.locator("[data-reference]")).to_have_text(re.compile(r"^\w{8}$"))
    visitor.page.reload()
    expect(visitor.turn().card().place).to_contain_text("Nothing was charged")
    expect(visitor.battery()).to_have_text("100%")

    visitor.sends("a friendly banana").card().shows_its_picture()
    expect(visitor.battery()).to_have_text("80%")


def test_a_deleted_picture_is_gone_and_stays_gone(user: Visitor) -> None:
    turn = user.sends("two short lived bananas", images=2)
    turn.shows_all(2)
    address = user.page.request.get(str(turn.card().picture.get_attribute("src")))
    assert address.ok
    turn.card().chooses("Delete")
    expect(turn.cards).to_have_count(1)
    user.page.reload()
    expect(user.turn().cards).to_have_count(1)
    assert user.page.request.get(address.url).status == 404


def test_without_scripts_the_chat_still_draws(new_visitor: Callable[..., Visitor], stack: Stack) -> None:
    plain = new_visitor(java_script_enabled=False)
    plain.log_in(stack.user)
    plain.types_and_sends("a plain banana")
    plain.page.wait_for_url("**/chat/*-*/")
    for _ in range(60):
        if plain.turn().card().place.get_attribute("data-status") == "succeeded":
            break
        plain.page.wait_for_timeout(500)
        plain.page.reload()
    expect(plain.turn().card().picture).to_be_visible()
    plain.turn().place.get_by_role("button", name="Delete").click()
    expect(plain.page.locator(".turn")).to_have_count(0)
    plain.page.get_by_role("button", name="Undo").click()
    expect(plain.turn().card().picture).to_be_visible()
