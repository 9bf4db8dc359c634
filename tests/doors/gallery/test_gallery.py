"""The gallery's pages: everything that was drawn, newest first, however much it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.doors.gallery.conftest import JSON

from nproxy.assets.models import Asset

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
FRAGMENT = {"x-fragment": "months"}
Sent = Callable[..., tuple[str, list[UUID]]]


def listed(browser: Client, query: str = "") -> list[UUID]:
    return [UUID(image["id"]) for image in browser.get(f"/gallery/{query}", headers=JSON).json()["images"]]


def test_an_empty_gallery_says_so_and_shows_the_way(browser: Client) -> None:
    html = browser.get("/gallery/").content.decode()
    assert "No images yet" in html
    assert 'href="/chat/"' in html
    assert "Nothing matches" in browser.get("/gallery/?q=boat").content.decode()


def test_pictures_of_all_conversations_come_newest_first(browser: Client, sent: Sent) -> None:
    _, first = sent()
    _, second = sent("a green door", batch_size="2")
    assert listed(browser) == [*second[::-1], *first]


def test_filters_and_words_go_together(browser: Client, sent: Sent) -> None:
    _, [boat] = sent("a red boat at dawn")
    _, [door] = sent("a red door")
    browser.post("/gallery/favourites/", {"pictures": str(door)})
    assert listed(browser, "?q=red") == [door, boat]
    assert listed(browser, "?q=red+daw") == [boat]
    assert listed(browser, "?favourite=1&q=red") == [door]
    assert listed(browser, "?mode=image_to_image") == []
    assert listed(browser, "?shape=landscape&mode=text_to_image&q=boa") == [boat]
    assert listed(browser, "?shape=odd&mode=odd&before=odd&q=%00") == [door, boat]


def test_filters_are_links_that_keep_each_other(browser: Client, sent: Sent) -> None:
    sent("a red boat")
    html = browser.get("/gallery/?q=red&shape=landscape").content.decode()
    assert 'href="/gallery/?q=red&amp;favourite=1&amp;shape=landscape"' in html
    assert re.search(r'href="/gallery/\?q=red" aria-current="true">Wide', html)


def test_scrolling_on_shows_every_picture_once_and_each_month_once(
    browser: Client, many: Callable[..., None]
) -> None:
    many(2500)
    seen: list[str] = []
    headings: list[str] = []
    address = "/gallery/"
    while address:
        html = browser.get(address, headers=FRAGMENT).content.decode()
        seen += re.findall(r'class="tile" data-image="([^"]+)"', html)
        headings += re.findall(r"<h2>([^<]+)</h2>", html)
        more = re.search(r'data-more><a class="button" href="([^"]+)"', html)
        address = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 2500
    assert headings == ["November 2026", "October 2026"]


def test_no_page_asks_more_for_five_thousand_pictures_than_for_a_hundred(
    browser: Client, many: Callable[..., None]
) -> None:
    browser.get("/gallery/")
    asked = []
    for more in (100, 4900):
        many(more)
        last = Asset.objects.order_by("created_at").first()
        assert last is not None
        for address in ("/gallery/?", f"/gallery/?before={last.id}", f"/gallery/{last.id}/?q=many"):
            with CaptureQueriesContext(connection) as queries:
                answer = browser.get(address)
            assert answer.status_code == 200
            assert len(answer.content) < 150 * 1024, address
            asked.append(len(queries))
    assert asked[:3] == asked[3:]
    assert max(asked) < 25


def test_the_first_screen_does_not_wait_and_the_rest_comes_when_it_is_near(
    browser: Client, many: Callable[..., None]
) -> None:
    many(100)
    html = browser.get("/gallery/").content.decode()
    tiles = re.findall(r'<img class="tile-picture"[^>]+>', html)
    assert [("lazy" in tile, "fetchpriority" in tile) for tile in (tiles[0], tiles[1], tiles[12])] == [
        (False, True),
        (False, False),
        (True, False),
    ]
    more = re.search(r'data-more><a class="button" href="([^"]+)"', html)
    assert more is not None
    rest = browser.get(more[1].replace("&amp;", "&"), headers=FRAGMENT).content.decode()
    assert rest.count('loading="lazy"') == rest.count("tile-picture") == 40


def test_a_picture_has_a_page_of_its_own_with_all_that_is_known_of_it(browser: Client, sent: Sent) -> None:
    conversation, [first, second] = sent("a <b>red</b> boat", batch_size="2", aspect_ratio="4:3")
    html = browser.get(f"/gallery/{second}/?in={conversation}").content.decode()
    for told in ("a &lt;b&gt;red&lt;/b&gt; boat", "64 × 48 · JPG", "1K · 4:3", "Reference", "<dialog"):
        assert told in html
    assert f'href="/gallery/{first}/?in={conversation}"' in html
    assert f'href="/images/{second}/original?download=1"' in html
    assert 'data-step="older"' not in html
    assert browser.get(f"/gallery/{second}/", headers=JSON).json()["prompt"] == "a <b>red</b> boat"


def test_the_arrows_keep_to_what_was_looked_for(browser: Client, sent: Sent) -> None:
    _, [boat] = sent("a red boat")
    sent("a green door")
    _, [ship] = sent("a red ship")
    html = browser.get(f"/gallery/{ship}/?q=red", headers={"x-fragment": "viewer"}).content.decode()
    assert "<html" not in html
    assert f'data-step="older" href="/gallery/{boat}/?q=red"' in html


def test_a_picture_from_a_picture_shows_what_it_was_made_from(browser: Client, sent: Sent) -> None:
    _, [source] = sent()
    _, [edited] = sent("at night", source_images=str(source), mode="image_to_image", strength="subtle")
    html = browser.get(f"/gallery/{edited}/").content.decode()
    assert f'data-source hidden src="/images/{source}/1280"' in html
    assert "Subtle" in html
    assert "data-source" not in browser.get(f"/gallery/{source}/").content.decode()


def test_nobody_sees_or_changes_the_pictures_of_someone_else(browser: Client, sent: Sent) -> None:
    conversation, [picture] = sent()
    stranger = Client()
    stranger.force_login(get_user_model().objects.create_user("eve@example.com"))
    assert listed(stranger) == []
    assert stranger.get(f"/gallery/{picture}/").status_code == 404
    for address, form in (
        ("/gallery/favourites/", {"pictures": str(picture)}),
        ("/gallery/delete/", {"pictures": str(picture)}),
        ("/gallery/exports/", {"pictures": str(picture)}),
        (f"/chat/{conversation}/delete/", {}),
        (f"/chat/{conversation}/rename/", {"title": "mine"}),
    ):
        stranger.post(address, form, headers=JSON)
    assert listed(browser) == [picture]
    assert not browser.get("/gallery/", headers=JSON).json()["images"][0]["favourite"]
    assert stranger.get("/chat/search/?q=boat", headers=JSON).json() == {"conversations": []}


def test_signed_out_people_are_sent_to_the_login(client: Client) -> None:
    for address in ("/gallery/", f"/gallery/{uuid4()}/", "/chat/search/?q=a"):
        assert client.get(address).status_code == 302
        assert client.get(address, headers=JSON).status_code == 401


def test_what_is_deleted_comes_back_with_the_moment_that_the_answer_told(browser: Client, sent: Sent) -> None:
    conversation, [first, second] = sent(batch_size="2")
    undo = browser.post("/gallery/delete/", {"pictures": [str(first)]}, headers=JSON).json()["undo"]
    assert listed(browser) == [second]
    assert browser.post("/undo/", {"undo": undo}, headers=JSON).json() == {"restored": 1}
    assert listed(browser) == [second, first]
    undo = browser.post(f"/chat/{conversation}/delete/", headers=JSON).json()["undo"]
    assert listed(browser) == []
    assert browser.get(f"/chat/{conversation}/").status_code == 404
    assert browser.post("/undo/", {"undo": undo}, headers=JSON).json() == {"restored": 2}
    turn = browser.get(f"/chat/{conversation}/", headers=JSON).json()["turns"][0]["id"]
    assert browser.post(f"/turns/{turn}/delete/", headers=JSON).json()["deleted"] is True
    assert browser.post(f"/turns/{turn}/delete/", headers=JSON).status_code == 404


def test_without_scripts_a_button_has_back_what_was_deleted(browser: Client, sent: Sent) -> None:
    conversation, [first, second] = sent(batch_size="2")
    [turn] = browser.get(f"/chat/{conversation}/", headers=JSON).json()["turns"]
    generation = turn["generations"][1]["id"]
    for address, form, left in [
        ("/gallery/delete/", {"pictures": [str(first)]}, second),
        (f"/generations/{generation}/delete/", {}, first),
    ]:
        page = browser.post(address, form, follow=True, headers={"referer": "/gallery/"}).content.decode()
        assert listed(browser) == [left]
        assert '<form id="token"' in page
        [undo] = re.findall(r'Image deleted. <button [^>]*formaction="/undo/"[^>]* value="([^"]+)"', page)
        back = browser.post("/undo/", {"undo": undo}, follow=True, headers={"referer": "/gallery/"})
        assert "It is back." in back.content.decode()
        assert listed(browser) == [second, first]


def test_without_scripts_a_message_and_a_conversation_are_deleted_and_had_back(
    browser: Client, sent: Sent
) -> None:
    conversation, pictures = sent(batch_size="2")
    talk = f"/chat/{conversation}/"
    [turn] = browser.get(talk, headers=JSON).json()["turns"]
    for address, words in [
        (f"/turns/{turn['id']}/delete/", "Message and images deleted."),
        (f"{talk}delete/", "Conversation deleted."),
    ]:
        assert f'form="act" formaction="{address}"' in browser.get(talk).text
        page = browser.post(address, follow=True, headers={"referer": talk}).text
        assert listed(browser) == []
        [undo] = re.findall(rf'{words} <button [^>]*formaction="/undo/"[^>]* value="([^"]+)"', page)
        browser.post("/undo/", {"undo": undo})
        assert sorted(listed(browser)) == sorted(pictures)


@pytest.mark.parametrize(
    "moment", ["", "soon", "2026-11-26T12:00:00", "2020-01-01T00:00:00+00:00", "2026-99-99"]
)
def test_there_is_nothing_to_undo_at_any_other_moment(browser: Client, moment: str) -> None:
    answer = browser.post("/undo/", {"undo": moment}, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (410, "not_restorable")


@pytest.mark.django_db(transaction=True)
def test_a_download_is_named_after_its_prompt(browser: Client, sent: Sent) -> None:
    _, [_, second] = sent("A red boat, at dawn!", batch_size="2")
    answer = browser.get(f"/images/{second}/original?download=1")
    assert re.fullmatch(
        r'attachment; filename="a-red-boat-at-dawn_\d{4}-\d\d-\d\d_02\.jpg"', answer["Content-Disposition"]
    )
    _, [cat] = sent("Рыжий кот")
    name = unquote(browser.get(f"/images/{cat}/original?download=1")["Content-Disposition"])
    assert "рыжий-кот_" in name


def test_conversations_are_searched_renamed_and_say_when_a_title_is_empty(
    browser: Client, sent: Sent
) -> None:
    conversation, _ = sent("a red boat")
    sent("a green door")
    found = browser.get("/chat/search/?q=boa", headers=JSON).json()["conversations"]
    assert [line["id"] for line in found] == [conversation]
    html = browser.get("/chat/search/?q=boa", headers={"x-fragment": "rail"}).content.decode()
    assert "<html" not in html
    assert html.count("data-line=") == 1
    assert "No conversation has these words" in browser.get("/chat/search/?q=zzz").content.decode()
    renamed = browser.post(f"/chat/{conversation}/rename/", {"title": " Sea \n trip "}, headers=JSON)
    assert renamed.json()["title"] == "Sea trip"
    assert browser.post(f"/chat/{conversation}/rename/", {"title": " "}, headers=JSON).status_code == 400
    assert "Sea trip" in browser.get("/chat/").content.decode()


def test_the_pages_have_no_inline_script_or_style(browser: Client, sent: Sent) -> None:
    _, [picture] = sent()
    for address in ("/gallery/", f"/gallery/{picture}/", "/chat/search/?q=a"):
        html = browser.get(address).content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html), address
