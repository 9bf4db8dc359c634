"""Sending a turn: what the form may say, and what each refusal answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.conversations.models import Conversation, Turn
from nproxy.generations.models import Generation
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions.models import Cycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
JSON = {"accept": "application/json"}


def start(browser: Client) -> str:
    return browser.post("/chat/", headers=JSON).json()["conversation"]


def send(browser: Client, conversation: str, **form: Any) -> Any:
    body = {
        "client_id": str(uuid4()),
        "prompt": "a banana",
        "resolution": "1K",
        "aspect_ratio": "1:1",
        **form,
    }
    return browser.post(f"/chat/{conversation}/turns/", body, headers=JSON)


def test_a_conversation_begins_empty(browser: Client) -> None:
    answer = browser.post("/chat/", headers=JSON)
    assert answer.status_code == 201
    assert Conversation.objects.filter(pk=answer.json()["conversation"]).exists()


def test_a_turn_is_accepted_with_a_generation_for_each_image(browser: Client) -> None:
    answer = send(browser, start(browser), mode="text_to_image", batch_size="4")
    assert answer.status_code == 201
    told = answer.json()
    assert Turn.objects.get().id == UUID(told["turn"])
    assert [generation["status"] for generation in told["generations"]] == ["queued"] * 4


def test_the_same_client_id_is_one_turn_also_with_files(browser: Client, photo: Callable[..., bytes]) -> None:
    conversation, client_id = start(browser), str(uuid4())

    def attempt(prompt: str) -> Any:
        file = SimpleUploadedFile("cat.jpg", photo(), "image/jpeg")
        return send(
            browser, conversation, client_id=client_id, prompt=prompt, sources=file, strength="subtle"
        )

    first, second, other = attempt("bluer"), attempt("bluer"), attempt("redder")
    assert first.json() == second.json()
    assert other.status_code == 409
    assert Generation.objects.count() == 1


def test_the_mode_follows_the_sources_unless_the_form_says_otherwise(
    browser: Client, photo: Callable[..., bytes]
) -> None:
    conversation = start(browser)
    file = SimpleUploadedFile("cat.jpg", photo(), "image/jpeg")
    assert send(browser, conversation, sources=file).status_code == 201
    assert (Turn.objects.get().mode, Turn.objects.get().strength) == ("image_to_image", "balanced")
    refused = send(browser, conversation, mode="image_to_image", strength="subtle")
    assert refused.status_code == 400
    assert "sources" in refused.json()["errors"]


def test_an_own_image_can_be_the_source(browser: Client, draw: Callable[[UUID], UUID]) -> None:
    conversation = start(browser)
    drawn = draw(UUID(send(browser, conversation).json()["generations"][0]["id"]))
    answer = send(browser, conversation, source_images=str(drawn), strength="strong")
    assert answer.status_code == 201
    assert Turn.objects.get(pk=answer.json()["turn"]).sources.get().asset_id == drawn


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"prompt": "   "}, "prompt"),
        ({"prompt": "a" * 4001}, "prompt"),
        ({"mode": "telepathy"}, "mode"),
        ({"resolution": "9K"}, "resolution"),
        ({"aspect_ratio": "2:7"}, "aspect_ratio"),
        ({"batch_size": "3"}, "batch_size"),
        ({"batch_size": "many"}, "batch_size"),
        ({"client_id": "me"}, "client_id"),
        ({"source_images": "mine"}, "sources"),
        ({"source_images": str(uuid4()), "strength": "total"}, "strength"),
    ],
)
def test_a_wrong_field_is_answered_with_words_for_it(
    browser: Client, form: dict[str, str], field: str
) -> None:
    answer = send(browser, start(browser), **form)
    assert answer.status_code == 400
    assert answer.json()["errors"][field][0]


def test_a_file_that_is_no_picture_is_refused_by_its_name(browser: Client) -> None:
    file = SimpleUploadedFile("notes.png", b"not a picture", "image/png")
    answer = send(browser, start(browser), sources=file)
    assert answer.status_code == 400
    assert answer.json()["errors"]["sources"][0].startswith("notes.png: ")


def test_another_ones_image_is_no_source(
    browser: Client, draw: Callable[[UUID], UUID], client: Client
) -> None:
    drawn = draw(UUID(send(browser, start(browser)).json()["generations"][0]["id"]))
    other = User.objects.create_user("other@example.com")
    subscriptions.grant(user_id=other.pk, limit=5, reason="test", actor=SYSTEM, now=timezone.now())
    client.force_login(other)
    answer = send(client, start(client), source_images=str(drawn), strength="subtle")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_source")


def test_without_an_active_cycle_nothing_is_drawn(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    answer = send(client, start(client))
    assert (answer.status_code, answer.json()["code"]) == (402, "no_active_cycle")
    assert not Turn.objects.exists()


def test_access_ends_with_the_cycle_at_once(browser: Client, person: User) -> None:
    conversation = start(browser)
    past = timezone.now() - timedelta(seconds=1)
    cycle = Cycle.objects.get(user=person)
    Cycle.objects.filter(pk=cycle.pk).update(starts_at=past - timedelta(days=1), ends_at=past)
    assert send(browser, conversation).status_code == 402


def test_a_batch_that_is_not_covered_says_so_without_a_number(client: Client, stranger: User) -> None:
    subscriptions.grant(user_id=stranger.pk, limit=3, reason="test", actor=SYSTEM, now=timezone.now())
    client.force_login(stranger)
    answer = send(client, start(client), batch_size="4")
    assert (answer.status_code, answer.json()["code"]) == (402, "not_enough_left")
    assert not any(character.isdigit() for character in answer.content.decode().replace("402", ""))


def test_too_many_pending_is_429(browser: Client, settings: Settings) -> None:
    settings.NPROXY_MAX_PENDING_PER_USER = 4
    conversation = start(browser)
    assert send(browser, conversation, batch_size="4").status_code == 201
    answer = send(browser, conversation)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_pending")


def test_anothers_conversation_is_unknown(browser: Client, client: Client) -> None:
    mine = start(browser)
    other = User.objects.create_user("other@example.com")
    subscriptions.grant(user_id=other.pk, limit=5, reason="test", actor=SYSTEM, now=timezone.now())
    client.force_login(other)
    assert client.get(f"/chat/{mine}/").status_code == 404
    assert send(client, mine).status_code == 404


def test_someone_signed_out_gets_401_from_programs_and_the_login_page_from_browsers(client: Client) -> None:
    assert client.post("/chat/", headers=JSON).status_code == 401
    assert client.post("/chat/", headers={"X-Fragment": "turn"}).status_code == 401
    page = client.get("/chat/")
    assert page.status_code == 302
    assert page.headers["Location"] == "/accounts/login/?next=/chat/"


def test_a_plain_form_works_without_scripts(browser: Client) -> None:
    answer = browser.post("/chat/", {"client_id": str(uuid4()), "prompt": "a plain form"})
    conversation = Conversation.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/chat/{conversation.id}/")
    assert "a plain form" in browser.get(f"/chat/{conversation.id}/").content.decode()


def test_a_repeated_first_message_is_the_same_turn_of_the_same_conversation(browser: Client) -> None:
    body = {"client_id": str(uuid4()), "prompt": "once"}
    first, second = (browser.post("/chat/", body, headers=JSON) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    other = browser.post("/chat/", {**body, "prompt": "something else"}, headers=JSON)
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")
    assert Conversation.objects.count() == Turn.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_picture", [False, True])
def test_five_first_messages_at_once_with_one_client_id_are_one_turn(
    browser: Client, photo: Callable[..., bytes], *, with_picture: bool
) -> None:
    body = {"client_id": str(uuid4()), "prompt": "at once", "batch_size": "2"}
    ready = threading.Barrier(5)

    def attempt(_: int) -> Any:
        twin = Client()
        twin.cookies = browser.cookies
        files = {"sources": SimpleUploadedFile("cat.jpg", photo(), "image/jpeg")} if with_picture else {}
        ready.wait()
        try:
            return twin.post("/chat/", {**body, **files}, headers=JSON)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as browsers:
        answers = list(browsers.map(attempt, range(5)))
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.content for answer in answers}) == 1
    assert Conversation.objects.count() == Turn.objects.count() == 1
    assert Generation.objects.count() == 2


def test_nul_bytes_are_dropped_from_what_is_sent(browser: Client) -> None:
    answer = send(browser, start(browser), prompt="a\0 banana\0", resolution="1K\0", mode="text_to_image\0")
    assert answer.status_code == 201
    assert Turn.objects.get().prompt == "a banana"


def test_a_plain_form_that_is_refused_comes_back_with_its_text(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    answer = client.post(
        "/chat/", {"client_id": str(uuid4()), "prompt": "keep these words", "batch_size": "2"}
    )
    page = answer.content.decode()
    assert answer.status_code == 402
    assert "You have no active plan" in page
    assert "keep these words" in page
    assert not Conversation.objects.exists()


def test_forms_need_the_csrf_token(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    answer = strict.post("/chat/", headers=JSON)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "media_type", "behind", "words"),
    [
        ("cat.png", "image/png", b"", "another kind"),
        ("cat.jpg", "image/webp", b"", "another kind"),
        ("cat.jpg", "image/jpeg", b"<script>alert(1)</script>", "more in this file"),
    ],
)
def test_a_file_that_is_not_what_it_says_or_more_is_refused_in_words(
    browser: Client, photo: Callable[..., bytes], *, name: str, media_type: str, behind: bytes, words: str
) -> None:
    file = SimpleUploadedFile(name, photo() + behind, media_type)
    answer = send(browser, start(browser), sources=file, strength="subtle")
    assert answer.status_code == 400
    assert words in answer.json()["errors"]["sources"][0]
    assert not Turn.objects.exists()
