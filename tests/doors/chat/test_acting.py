"""Cancel, retry and delete, from programs and from plain forms."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client

from nproxy.generations.models import Generation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
JSON = {"accept": "application/json"}


@pytest.fixture
def conversation(browser: Client) -> str:
    return browser.post("/chat/", headers=JSON).json()["conversation"]


@pytest.fixture
def ids(browser: Client, conversation: str) -> list[UUID]:
    """The generations of a turn of two."""
    body = {"client_id": str(uuid4()), "prompt": "two bananas", "batch_size": "2"}
    told = browser.post(f"/chat/{conversation}/turns/", body, headers=JSON).json()
    return [UUID(generation["id"]) for generation in told["generations"]]


def statuses() -> list[str]:
    return list(Generation.objects.order_by("position").values_list("status", flat=True))


def test_one_image_of_a_batch_is_cancelled_alone(browser: Client, ids: list[UUID]) -> None:
    answer = browser.post(f"/generations/{ids[0]}/cancel/", headers=JSON)
    assert answer.json() == {"generation": str(ids[0]), "status": "canceled"}
    assert statuses() == ["canceled", "queued"]


def test_a_cancelled_image_is_retried_in_its_place(browser: Client, ids: list[UUID]) -> None:
    browser.post(f"/generations/{ids[0]}/cancel/", headers=JSON)
    assert browser.post(f"/generations/{ids[0]}/retry/", headers=JSON).json()["status"] == "queued"
    assert statuses() == ["queued", "queued"]


def test_a_whole_turn_is_cancelled_at_once(browser: Client, ids: list[UUID]) -> None:
    turn = Generation.objects.get(pk=ids[0]).turn_id
    assert browser.post(f"/turns/{turn}/cancel/", headers=JSON).status_code == 200
    assert statuses() == ["canceled", "canceled"]


@pytest.mark.django_db(transaction=True)
def test_a_deleted_image_is_gone_from_the_page_and_told_as_deleted(
    browser: Client, conversation: str, ids: list[UUID], draw: Callable[[UUID], UUID]
) -> None:
    draw(ids[0])
    cursor = browser.get(f"/chat/{conversation}/", headers=JSON).json()["cursor"]
    assert browser.post(f"/generations/{ids[0]}/delete/", headers=JSON).json()["deleted"] is True
    assert str(ids[0]) not in browser.get(f"/chat/{conversation}/").content.decode()
    news = browser.get(f"/updates/?after={cursor}").json()
    assert [(told["id"], told["deleted"], told["image"]) for told in news["generations"]] == [
        (str(ids[0]), True, None)
    ]


def test_what_is_not_possible_is_409_and_what_is_not_there_404(browser: Client, ids: list[UUID]) -> None:
    assert browser.post(f"/generations/{ids[0]}/retry/", headers=JSON).status_code == 409
    assert browser.post(f"/generations/{uuid4()}/cancel/", headers=JSON).status_code == 404
    assert browser.post(f"/turns/{uuid4()}/cancel/", headers=JSON).status_code == 404


def test_a_plain_form_leads_back_to_its_page_and_nowhere_else(
    browser: Client, conversation: str, ids: list[UUID]
) -> None:
    page = f"http://testserver/chat/{conversation}/"
    answer = browser.post(f"/generations/{ids[0]}/cancel/", headers={"referer": page})
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    answer = browser.post(f"/generations/{ids[1]}/cancel/", headers={"referer": "https://evil.example/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/chat/")


def test_a_plain_form_that_is_refused_says_why_on_the_page(
    browser: Client, conversation: str, ids: list[UUID]
) -> None:
    page = f"http://testserver/chat/{conversation}/"
    browser.post(f"/generations/{ids[0]}/retry/", headers={"referer": page})
    assert "That is not possible any more." in browser.get(page).content.decode()


def test_looking_changes_nothing(browser: Client, ids: list[UUID]) -> None:
    assert browser.get(f"/generations/{ids[0]}/cancel/").status_code == 405
    assert statuses() == ["queued", "queued"]
