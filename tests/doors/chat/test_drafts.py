"""What stands unsent in a composer: kept by the server, for every device, until it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from nproxy.accounts.models import User
from nproxy.conversations.models import Draft
from nproxy.providers.rules import CAPABILITIES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
JSON = {"accept": "application/json"}


@pytest.fixture
def conversation(browser: Client) -> str:
    return str(browser.post("/chat/", headers=JSON).json()["conversation"])


def put(client: Client, place: str, **draft: Any) -> HttpResponse:
    return client.put(place, json.dumps(draft), content_type="application/json", headers=JSON)  # type: ignore[return-value]


def uploaded(browser: Client, photo: Callable[..., bytes], colour: str = "gold") -> str:
    file = SimpleUploadedFile("a.jpg", photo(colour=colour), "image/jpeg")
    return str(browser.post("/uploads/", {"file": file}).json()["upload"])


def test_a_draft_comes_back_as_it_was_kept(
    browser: Client, conversation: str, photo: Callable[..., bytes]
) -> None:
    place = f"/chat/{conversation}/draft/"
    sources = [uploaded(browser, photo), uploaded(browser, photo, "teal")]
    kept = {
        "prompt": "a half typed ban",
        "mode": "text_to_image",
        "resolution": "4K",
        "aspect_ratio": "21:9",
        "batch_size": "2",
        "strength": "strong",
        "sources": sources[::-1],
    }
    assert put(browser, place, **kept).status_code == 204
    told = browser.get(place, headers=JSON).json()
    assert [source["id"] for source in told.pop("sources")] == kept.pop("sources")
    assert {name: str(value) for name, value in told.items()} == kept


def test_the_page_is_drawn_with_its_draft(
    browser: Client, conversation: str, photo: Callable[..., bytes]
) -> None:
    source = uploaded(browser, photo)
    put(browser, f"/chat/{conversation}/draft/", prompt="a <half> ban", resolution="2K", sources=[source])
    html = browser.get(f"/chat/{conversation}/").content.decode()
    assert "a &lt;half&gt; ban</textarea>" in html
    assert f'name="source_images" value="{source}">' in html
    assert 'name="resolution" value="2K" data-label="2K" data-said="2K" data-hint' in html
    assert "a &lt;half&gt;" not in browser.get("/chat/").content.decode()


def test_the_empty_chat_has_a_draft_of_its_own(browser: Client) -> None:
    put(browser, "/chat/draft/", prompt="not sent anywhere yet")
    put(browser, "/chat/draft/", prompt="not sent yet")
    assert Draft.objects.count() == 1
    assert "not sent yet</textarea>" in browser.get("/chat/").content.decode()


def test_sending_spends_the_draft_and_no_other_text(browser: Client, conversation: str) -> None:
    place = f"/chat/{conversation}/draft/"
    body = {"prompt": "a banana", "client_id": str(uuid4())}
    put(browser, place, prompt="  a banana\n")
    put(browser, "/chat/draft/", prompt="a banana")
    assert browser.post(f"/chat/{conversation}/turns/", body, headers=JSON).status_code == 201
    assert not Draft.objects.exists()
    put(browser, place, prompt="typed meanwhile")
    browser.post(f"/chat/{conversation}/turns/", body | {"client_id": str(uuid4())}, headers=JSON)
    assert browser.get(place, headers=JSON).json()["prompt"] == "typed meanwhile"


def test_a_refused_message_keeps_its_draft(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    conversation = client.post("/chat/", headers=JSON).json()["conversation"]
    put(client, f"/chat/{conversation}/draft/", prompt="too early")
    body = {"prompt": "too early", "client_id": str(uuid4())}
    assert client.post(f"/chat/{conversation}/turns/", body, headers=JSON).status_code == 402
    assert Draft.objects.get().prompt == "too early"


def test_without_a_draft_the_settings_are_those_of_the_last_turn_anywhere(
    browser: Client, conversation: str
) -> None:
    body = {"prompt": "a", "client_id": str(uuid4()), "resolution": "4K", "batch_size": "2"}
    browser.post(f"/chat/{conversation}/turns/", body, headers=JSON)
    html = browser.get("/chat/").content.decode()
    checked = [line.split('value="')[1].split('"')[0] for line in html.split("<input") if " checked" in line]
    assert {"4K", "2", "auto"} <= set(checked)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"sources": ["x"]}', b'{"sources": 1}', b"\xff", b"[" * 9000]
)
def test_what_is_no_draft_is_refused(browser: Client, conversation: str, body: bytes) -> None:
    answer = browser.put(f"/chat/{conversation}/draft/", body, content_type="application/json", headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_what_is_no_choice_is_not_kept(browser: Client, conversation: str) -> None:
    place = f"/chat/{conversation}/draft/"
    strange = {"resolution": "9K", "aspect_ratio": "9:1", "batch_size": "3", "strength": "x", "mode": "y"}
    assert put(browser, place, prompt="a\0b", **strange).status_code == 204
    told = browser.get(place, headers=JSON).json()
    assert told.pop("prompt") == "ab"
    assert told.pop("sources") == []
    assert not any(told.values())
    assert browser.get(f"/chat/{conversation}/").status_code == 200


def test_nobody_reads_or_writes_another_persons_draft_or_pictures(
    browser: Client, client: Client, conversation: str, photo: Callable[..., bytes]
) -> None:
    source = uploaded(browser, photo)
    other = User.objects.create_user(f"{uuid4().hex}@example.com", "correct horse battery")
    client.force_login(other)
    place = f"/chat/{conversation}/draft/"
    assert put(client, place, prompt="mine").status_code == 404
    assert client.get(place, headers=JSON).status_code == 404
    put(client, "/chat/draft/", sources=[source])
    assert client.get("/chat/draft/", headers=JSON).json()["sources"] == []


def test_a_draft_holds_no_more_pictures_than_the_model_takes(browser: Client, conversation: str) -> None:
    most = CAPABILITIES["nano_banana"].max_sources
    answer = put(browser, f"/chat/{conversation}/draft/", sources=[str(uuid4()) for _ in range(most + 9)])
    assert answer.status_code == 204


def test_past_prompts_are_told_once_the_latest_first_and_found_by_their_words(
    browser: Client, client: Client, conversation: str, stranger: User
) -> None:
    for prompt in ("a red boat", "a BLUE boat", "a red boat", "a door"):
        body = {"prompt": prompt, "client_id": str(uuid4())}
        browser.post(f"/chat/{conversation}/turns/", body, headers=JSON)
    assert browser.get("/chat/prompts/").json()["prompts"] == ["a door", "a red boat", "a BLUE boat"]
    assert browser.get("/chat/prompts/?q=blue").json()["prompts"] == ["a BLUE boat"]
    client.force_login(User.objects.create_user("other@example.com", "correct horse battery"))
    assert client.get("/chat/prompts/").json()["prompts"] == []
