"""OpenAI's own client, unchanged but for the address: OpenRouter speaks its wire where it has the same words."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO

import openai
import pytest
from openai.types import ImagesResponse
from PIL import Image

from nproxy_sandbox.testing import Running, running_openrouter

MODEL = "google/gemini-nano-banana-2.1"
FOX = {"model": MODEL, "prompt": "a fox", "n": 1, "resolution": "1K", "aspect_ratio": "16:9"}


@pytest.fixture(scope="module")
def openrouter() -> Iterator[Running]:
    with running_openrouter(flat_bytes=60_000) as running:
        yield running


@pytest.fixture
def client(openrouter: Running) -> Iterator[openai.OpenAI]:
    openrouter.control.reset()
    with openai.OpenAI(
        api_key="sk-or-v1-sandbox-ok-client", base_url=openrouter.base_url, max_retries=0
    ) as client:
        yield client


def test_it_lists_the_models(client: openai.OpenAI) -> None:
    assert MODEL in [model.id for model in client.models.list()]


def test_it_draws(client: openai.OpenAI) -> None:
    """By hand: its `images.generate` asks /images/generations, which OpenRouter does not document."""
    answer = client.post("/images", body=FOX, cast_to=ImagesResponse)
    assert answer.data
    assert answer.data[0].b64_json
    assert Image.open(BytesIO(base64.b64decode(answer.data[0].b64_json))).size == (1376, 768)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("policy", openai.BadRequestError),
        ("unauthorized", openai.AuthenticationError),
        ("moderation", openai.PermissionDeniedError),
        ("model_not_found", openai.NotFoundError),
        ("unprocessable", openai.UnprocessableEntityError),
        ("rate_limited", openai.RateLimitError),
        ("overloaded", openai.InternalServerError),
    ],
)
def test_its_errors_are_the_clients_own(
    client: openai.OpenAI, openrouter: Running, fault: str, error: type[openai.APIStatusError]
) -> None:
    openrouter.control.order(fault)
    with pytest.raises(error) as raised:
        client.post("/images", body=FOX, cast_to=ImagesResponse)
    assert isinstance(raised.value.body, dict)
    assert raised.value.body["message"]
