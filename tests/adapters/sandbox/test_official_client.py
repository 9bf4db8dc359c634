"""Google's own client, unchanged but for the address."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from google import genai
from google.genai import errors, types
from PIL import Image

from nproxy_sandbox.testing import Running, running_gemini

MODEL = "gemini-nano-banana-2.1"


@pytest.fixture(params=["v1", "v1beta"])
def client(gemini: Running, request: pytest.FixtureRequest) -> Iterator[genai.Client]:
    with genai.Client(
        api_key="AQ.sandbox-ok-client",
        http_options=types.HttpOptions(base_url=gemini.base_url, api_version=request.param),
    ) as client:
        yield client


def drawn(response: types.GenerateContentResponse) -> Image.Image:
    picture = Image.open(BytesIO(part(response).data or b""))
    picture.load()
    return picture


def part(response: types.GenerateContentResponse) -> types.Blob:
    assert response.parts
    blob = response.parts[-1].inline_data
    assert blob
    return blob


def test_it_draws_from_words(client: genai.Client) -> None:
    response = client.models.generate_content(
        model=MODEL,
        contents="a banana in a space suit, watercolor",
        config=types.GenerateContentConfig(
            response_modalities=["IMAGE"],
            image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
            thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL),
        ),
    )
    picture = drawn(response)
    assert (picture.format, picture.size) == ("JPEG", (2752, 1536))
    assert part(response).mime_type == "image/jpeg"
    assert response.model_version == MODEL
    assert response.response_id
    assert response.candidates
    assert response.candidates[0].finish_reason is types.FinishReason.STOP
    assert response.usage_metadata
    assert response.usage_metadata.candidates_token_count == 1680


def test_it_draws_from_a_picture(client: genai.Client) -> None:
    source = BytesIO()
    Image.new("RGB", (600, 800), "olive").save(source, "PNG")
    parts = [
        types.Part.from_bytes(data=source.getvalue(), mime_type="image/png"),
        types.Part.from_text(text="turn it into a watercolor"),
    ]
    response = client.models.generate_content(
        model=MODEL,
        contents=types.Content(role="user", parts=parts),
        config=types.GenerateContentConfig(response_modalities=["IMAGE"]),
    )
    assert drawn(response).size == (896, 1200), "without a ratio it follows the source"


def test_it_shows_its_thoughts_when_asked(client: genai.Client) -> None:
    response = client.models.generate_content(
        model=MODEL,
        contents="a fox",
        config=types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True)),
    )
    assert response.parts
    assert [bool(part.thought) for part in response.parts] == [True, True, False]


def test_it_lists_the_models_page_by_page(client: genai.Client) -> None:
    names = [model.name for model in client.models.list(config={"page_size": 2})]
    assert f"models/{MODEL}" in names
    assert len(names) == len(set(names)) == 5
    assert client.models.get(model=MODEL).display_name == "Nano Banana 2.1"


@pytest.mark.parametrize(
    ("fault", "error", "status"),
    [
        ("suspended", errors.ClientError, "PERMISSION_DENIED"),
        ("per_minute", errors.ClientError, "RESOURCE_EXHAUSTED"),
        ("high_demand", errors.ServerError, "UNAVAILABLE"),
        ("list_wrapped", errors.ServerError, "UNAVAILABLE"),
    ],
)
def test_its_errors_are_the_clients_own(
    client: genai.Client, gemini: Running, fault: str, error: type[errors.APIError], status: str
) -> None:
    gemini.control.order(fault)
    with pytest.raises(error) as raised:
        client.models.generate_content(model=MODEL, contents="a fox")
    assert raised.value.status == status


def test_a_blocked_picture_comes_without_parts(client: genai.Client) -> None:
    response = client.models.generate_content(model=MODEL, contents="a fox [fault:IMAGE_SAFETY]")
    assert response.candidates
    assert response.candidates[0].finish_reason is types.FinishReason.IMAGE_SAFETY
    assert not response.parts


def test_it_speaks_tls_with_its_own_authority(tmp_path: Path) -> None:
    with running_gemini(tls_dir=tmp_path) as gemini:
        trust = ssl.create_default_context(cafile=gemini.authority)
        # Python 3.13 checks so by default, and rightly.
        trust.verify_flags |= ssl.VERIFY_X509_STRICT
        options = types.HttpOptions(base_url=gemini.base_url, client_args={"verify": trust})
        with genai.Client(api_key="AQ.sandbox-ok-tls", http_options=options) as client:
            assert drawn(client.models.generate_content(model=MODEL, contents="a fox")).size == (1024, 1024)
