"""The chat's pages: what stands on them, and what never does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from bench.archive import fill
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.doors.conftest import LIMIT

from nproxy.accounts.models import User
from nproxy.generations import actions as generations
from nproxy.generations import lease
from nproxy.generations.models import Generation
from nproxy.providers.rules import CAPABILITIES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
JSON = {"accept": "application/json"}


@pytest.fixture
def conversation(browser: Client) -> str:
    return browser.post("/chat/", headers=JSON).json()["conversation"]


def sent(browser: Client, conversation: str, **form: Any) -> list[UUID]:
    body = {
        "client_id": str(uuid4()),
        "prompt": "a banana",
        "resolution": "2K",
        "aspect_ratio": "16:9",
        **form,
    }
    told = browser.post(f"/chat/{conversation}/turns/", body, headers=JSON).json()
    return [UUID(generation["id"]) for generation in told["generations"]]


def page(browser: Client, conversation: str) -> str:
    return browser.get(f"/chat/{conversation}/").content.decode()


def test_the_composer_offers_what_the_model_can_do_and_nothing_else(browser: Client) -> None:
    html = browser.get("/chat/").content.decode()
    can = CAPABILITIES["nano_banana"]
    for name, values in {
        "aspect_ratio": can.aspect_ratios,
        "resolution": can.resolutions,
        "batch_size": tuple(map(str, can.batch_sizes)),
        "strength": tuple(step.name for step in can.strengths),
    }.items():
        assert tuple(re.findall(rf'name="{name}" value="([^"]+)"', html)) == values


def test_without_scripts_no_strength_is_offered_for_a_picture_that_is_not_there(browser: Client) -> None:
    assert "data-strength hidden" in browser.get("/chat/").content.decode()


def test_the_settings_sheet_has_a_title_a_way_out_and_labels_that_can_be_seen(browser: Client) -> None:
    html = browser.get("/chat/").content.decode()
    assert 'popovertarget="composer-settings" popovertargetaction="hide"' in html
    labels = re.findall(r'class="setting-label"[^>]*>([^<]+)<', html)
    assert labels == ["Shape", "Size", "Images", "Strength"]


def test_an_empty_chat_offers_eight_starters(browser: Client) -> None:
    html = browser.get("/chat/").content.decode()
    assert html.count("data-starter=") == 8
    assert "A fox" in browser.get("/chat/?prompt=A fox").content.decode().split("</textarea>")[0]


def test_a_card_has_the_final_ratio_from_the_first_moment(browser: Client, conversation: str) -> None:
    sent(browser, conversation, aspect_ratio="9:16", batch_size="2")
    html = page(browser, conversation)
    assert html.count('viewBox="0 0 572 1024" width="572" height="1024"') == 2
    assert html.count('data-status="queued"') == 2


def test_auto_takes_the_shape_of_the_last_source(
    browser: Client, conversation: str, photo: Callable[..., bytes]
) -> None:
    files = [SimpleUploadedFile("a.jpg", photo(80, 20)), SimpleUploadedFile("b.jpg", photo(200, 100, "teal"))]
    sent(browser, conversation, aspect_ratio="auto", sources=files)
    assert 'viewBox="0 0 1024 512"' in page(browser, conversation)


def test_a_drawn_picture_stands_in_its_box_with_its_words(
    browser: Client, conversation: str, draw: Callable[[UUID], UUID]
) -> None:
    asset = draw(sent(browser, conversation, prompt="<b>gold</b>")[0])
    html = page(browser, conversation)
    assert f'src="/images/{asset}/640"' in html
    assert 'alt="&lt;b&gt;gold&lt;/b&gt;"' in html
    assert "<b>gold" not in html
    told = browser.get(f"/chat/{conversation}/", headers=JSON).json()
    image = told["turns"][0]["generations"][0]["image"]
    assert image == {
        "id": str(asset),
        "width": 64,
        "height": 48,
        "url": f"/images/{asset}/original",
        "thumbnail_url": f"/images/{asset}/640",
    }


@pytest.mark.parametrize(
    "code", ["content_policy", "invalid_request", "no_image", "service_unavailable", "internal"]
)
def test_every_error_code_has_words_a_reference_and_a_next_step(
    browser: Client, conversation: str, code: str
) -> None:
    generation_id = sent(browser, conversation)[0]
    held = lease.begin(generation_id, timezone.now())
    assert held is not None
    lease.fail(held, code, timezone.now())
    html = page(browser, conversation)
    reference = Generation.objects.get().error_reference
    assert "Nothing was charged" in html
    assert f"<code data-reference>{reference}</code>" in html
    assert f"/generations/{generation_id}/retry/" in html
    assert code not in html


def test_the_fragment_of_a_sent_turn_is_the_one_on_the_page(browser: Client, conversation: str) -> None:
    body = {"client_id": str(uuid4()), "prompt": "a fragment", "batch_size": "2"}
    answer = browser.post(f"/chat/{conversation}/turns/", body, headers={"X-Fragment": "turn"})
    fragment = answer.content.decode().strip()
    assert answer.status_code == 201
    assert fragment.startswith("<article")
    assert fragment.count("<figure") == 2
    assert re.sub(r"\s+", "", fragment) in re.sub(r"\s+", "", page(browser, conversation))


def test_the_conversation_is_listed_by_the_first_words_of_its_prompt(
    browser: Client, conversation: str
) -> None:
    assert f"/chat/{conversation}/" not in browser.get("/dashboard/").content.decode()
    sent(browser, conversation, prompt="a very particular teapot")
    html = browser.get("/dashboard/").content.decode()
    assert f'href="/chat/{conversation}/"' in html
    assert "a very particular teapot" in html


def test_queries_do_not_grow_with_turns(
    browser: Client,
    conversation: str,
    draw: Callable[[UUID], UUID],
    photo: Callable[..., bytes],
    django_assert_num_queries: Any,
) -> None:
    def grow() -> None:
        files = [
            SimpleUploadedFile("a.jpg", photo(80, 20)),
            SimpleUploadedFile("b.jpg", photo(20, 80, "teal")),
        ]
        for generation in sent(browser, conversation, batch_size="2", sources=files):
            draw(generation)
        other = browser.post("/chat/", headers=JSON).json()["conversation"]
        sent(browser, other)

    grow()
    page(browser, conversation)  # what Django remembers of the first request is asked once
    with CaptureQueriesContext(connection) as few:
        page(browser, conversation)
        count = len(few)
    for _ in range(4):
        grow()
    with django_assert_num_queries(count):
        page(browser, conversation)
    assert 0 < count <= 20


@pytest.mark.django_db(transaction=True)
def test_nothing_a_person_can_reach_tells_how_much_is_used_or_left(
    browser: Client, conversation: str, draw: Callable[[UUID], UUID]
) -> None:
    draw(sent(browser, conversation)[0])
    sent(browser, conversation)
    telling = {str(LIMIT), str(LIMIT - 1), str(LIMIT - 2)}
    for path in ("/chat/", f"/chat/{conversation}/", "/dashboard/", "/updates/?after=0"):
        for headers in ({}, JSON):
            answer = browser.get(path, headers=headers)
            said = answer.content.decode() + str(answer.headers)
            assert not telling & set(re.findall(r"\d+", said)), path


@pytest.mark.parametrize(("samples", "words"), [(29, ""), (30, "usually 14–22 s")])
def test_a_card_says_how_long_it_usually_takes_once_thirty_pictures_have_told(
    browser: Client, conversation: str, person: User, samples: int, words: str
) -> None:
    now = timezone.now()
    fill(person.pk, conversations=1, turns=samples, images=1, now=now)
    slow = Generation.objects.values_list("pk", flat=True)[:10]
    Generation.objects.filter(pk__in=list(slow)).update(finished_at=now + timedelta(seconds=22))
    generations.measure_pace(now=now)
    sent(browser, conversation, resolution="1K")
    html = page(browser, conversation)
    [told] = re.findall(
        r'<figure class="card" data-generation.*?<span data-usual>([^<]*)</span>', html, re.DOTALL
    )
    assert told == words
    assert ('data-slow-after="22"' in html) is bool(words)


def test_no_page_has_inline_script_or_style(browser: Client, conversation: str) -> None:
    sent(browser, conversation)
    for path in ("/chat/", f"/chat/{conversation}/", "/dashboard/"):
        answer = browser.get(path)
        html = answer.content.decode()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html), path
        assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", html))
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]


def test_only_the_admin_has_a_relaxed_policy(client: Client) -> None:
    assert "'unsafe-eval'" in client.get("/admin/").headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in client.get("/healthz").headers["Content-Security-Policy"]


def test_programs_can_list_the_conversations(browser: Client, conversation: str) -> None:
    assert browser.get("/chat/", headers=JSON).json() == {"conversations": []}
    sent(browser, conversation, prompt="a list of one")
    (line,) = browser.get("/chat/", headers=JSON).json()["conversations"]
    assert (line["id"], line["title"]) == (conversation, "a list of one")


@pytest.mark.parametrize("signed_in", [True, False])
def test_what_is_not_there_is_said_in_the_sites_own_look(
    client: Client, person: User, *, signed_in: bool
) -> None:
    if signed_in:
        client.force_login(person)
    answer = client.get("/nothing/like/this/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
    assert ("data-cursor" in answer.content.decode()) is signed_in


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    assert "nproxy</title>" in render_to_string(f"{name}.html")
