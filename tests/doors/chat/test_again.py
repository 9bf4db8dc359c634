"""The same wish once more."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from nproxy.accounts.models import User
from nproxy.conversations.models import Turn
from nproxy.generations.models import Generation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
JSON = {"accept": "application/json"}


@pytest.fixture
def turn(browser: Client) -> str:
    conversation = browser.post("/chat/", headers=JSON).json()["conversation"]
    body = {
        "client_id": str(uuid4()),
        "prompt": "two bananas",
        "batch_size": "2",
        "resolution": "2K",
        "aspect_ratio": "16:9",
    }
    return str(browser.post(f"/chat/{conversation}/turns/", body, headers=JSON).json()["turn"])


def test_again_is_a_turn_of_its_own_with_the_same_wish(browser: Client, turn: str) -> None:
    told = browser.post(f"/turns/{turn}/again/", {"client_id": str(uuid4())}, headers=JSON)
    assert told.status_code == 201
    first, second = Turn.objects.order_by("created_at").values(
        "conversation", "prompt", "resolution", "aspect_ratio", "batch_size", "mode"
    )
    assert first == second
    assert Generation.objects.filter(turn=told.json()["turn"]).count() == 2


def test_again_from_one_card_is_one_image(browser: Client, turn: str) -> None:
    browser.post(f"/turns/{turn}/again/", {"client_id": str(uuid4()), "batch_size": "1"}, headers=JSON)
    assert list(Turn.objects.order_by("created_at").values_list("batch_size", flat=True)) == [2, 1]


def test_again_pressed_twice_by_a_nervous_finger_is_one_turn(browser: Client, turn: str) -> None:
    body = {"client_id": str(uuid4())}
    told = [browser.post(f"/turns/{turn}/again/", body, headers=JSON).json()["turn"] for _ in range(2)]
    assert told[0] == told[1]
    assert Turn.objects.count() == 2


def test_nobody_draws_another_persons_turn_again(client: Client, turn: str) -> None:
    other = User.objects.create_user(f"{uuid4().hex}@example.com", "correct horse battery")
    client.force_login(other)
    assert client.post(f"/turns/{turn}/again/", headers=JSON).status_code == 404
    assert Turn.objects.count() == 1


def test_a_plain_form_comes_back_to_its_conversation(browser: Client, turn: str) -> None:
    conversation = Turn.objects.get().conversation_id
    answer = browser.post(f"/turns/{turn}/again/")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/chat/{conversation}/")
