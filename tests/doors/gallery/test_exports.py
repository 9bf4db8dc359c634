"""Many pictures in one file, from the button to the bytes; the worker's part is done by hand here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone
from tests.doors.gallery.conftest import JSON

from nproxy.assets import packing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]
Sent = Callable[..., tuple[str, list[UUID]]]


def whole(answer: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    return async_to_sync(read)()


def ordered(browser: Client, **form: object) -> str:
    answer = browser.post("/gallery/exports/", form, headers=JSON)
    assert answer.status_code == 202, answer.content
    return answer.json()["export"]


def fetched(browser: Client, export: str) -> list[str]:
    packing.pack(UUID(export), timezone.now)
    answer = browser.get(f"/exports/{export}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(whole(answer))) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_a_turn_a_conversation_a_choice_or_everything_in_one_file(browser: Client, sent: Sent) -> None:
    conversation, [first, second] = sent("a red boat", batch_size="2")
    sent("a green door", conversation)
    sent("a green door")
    today = f"{timezone.now():%Y-%m-%d}"
    turn = browser.get(f"/chat/{conversation}/", headers=JSON).json()["turns"][0]["id"]
    boats = [f"a-red-boat_{today}_01.jpg", f"a-red-boat_{today}_02.jpg"]
    doors = [f"a-green-door_{today}_01.jpg", f"a-green-door_{today}_02.jpg"]
    assert fetched(browser, ordered(browser, turn=turn)) == boats
    assert fetched(browser, ordered(browser, conversation=conversation)) == [*boats, doors[0]]
    assert fetched(browser, ordered(browser, pictures=[str(second)])) == boats[:1]
    assert fetched(browser, ordered(browser, all="1")) == [*boats, *doors]
    assert first != second


def test_news_on_any_page_say_that_the_file_is_ready_and_lead_to_it(browser: Client, sent: Sent) -> None:
    sent()
    export = ordered(browser, all="1")
    cursor = browser.get("/updates/?after=0").json()["cursor"]
    packing.pack(UUID(export), timezone.now)
    [notice] = browser.get(f"/updates/?after={cursor}").json()["notices"]
    assert (notice["id"], notice["kind"], notice["link"]["url"]) == (
        export,
        "export_ready",
        f"/exports/{export}/",
    )
    assert "1 image" in notice["text"]
    for page in ("/chat/", "/dashboard/", "/gallery/"):
        assert f'href="/exports/{export}/"' in browser.get(page).content.decode()
    whole(browser.get(f"/exports/{export}/"))
    assert f'href="/exports/{export}/"' not in browser.get("/chat/").content.decode()
    assert f'href="/exports/{export}/"' in browser.get("/gallery/").content.decode()


def test_a_part_of_the_file_can_be_asked_for(browser: Client, sent: Sent) -> None:
    sent()
    export = ordered(browser, all="1")
    packing.pack(UUID(export), timezone.now)
    answer = browser.get(f"/exports/{export}/", headers={"range": "bytes=0-3"})
    assert (answer.status_code, whole(answer)) == (206, b"PK\x03\x04")


def test_what_cannot_be_packed_is_said_on_the_page(browser: Client, sent: Sent) -> None:
    sent()
    export = ordered(browser, all="1")
    cursor = browser.get("/updates/?after=0").json()["cursor"]
    packing.give_up(UUID(export))
    [notice] = browser.get(f"/updates/?after={cursor}").json()["notices"]
    assert (notice["kind"], notice["link"]) == ("export_failed", None)
    assert "could not be packed" in browser.get("/gallery/").content.decode()


def test_files_of_other_people_and_files_that_are_not_ready_are_not_there(
    browser: Client, client: Client, sent: Sent
) -> None:
    sent()
    export = ordered(browser, all="1")
    assert browser.get(f"/exports/{export}/").status_code == 404
    packing.pack(UUID(export), timezone.now)
    assert client.get(f"/exports/{export}/").status_code == 404


def test_nothing_chosen_is_nothing_to_pack_and_a_fourth_file_has_to_wait(browser: Client, sent: Sent) -> None:
    _, [picture] = sent()
    for form in ({}, {"pictures": "x"}, {"turn": "x"}):
        assert browser.post("/gallery/exports/", form, headers=JSON).status_code == 404
    for _ in range(3):
        ordered(browser, pictures=str(picture))
    refused = browser.post("/gallery/exports/", {"all": "1"}, headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_exports")


def test_without_modules_the_button_leads_back_with_words(browser: Client, sent: Sent) -> None:
    sent()
    answer = browser.post(
        "/gallery/exports/", {"all": "1"}, headers={"referer": "http://testserver/gallery/"}
    )
    assert (answer.status_code, answer["Location"]) == (303, "http://testserver/gallery/")
    assert "are being packed" in browser.get("/gallery/").content.decode()
