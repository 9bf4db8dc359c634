from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.rooms.assets import pictures

from nproxy.accounts.models import User
from nproxy.assets import intake
from nproxy.assets.models import Asset
from nproxy.assets.rules import MAX_UPLOAD_BYTES

pytestmark = pytest.mark.django_db


def post(
    client: Client, data: bytes, name: str = "photo", media_type: str = "application/octet-stream"
) -> HttpResponse:
    client.cookies["csrftoken"] = "a" * 32
    file = SimpleUploadedFile(name, data, content_type=media_type)
    return client.post(
        "/uploads/", {"file": file}, headers={"X-CSRFToken": "a" * 32, "Accept": "application/json"}
    )


def test_an_upload_answers_with_its_id_size_and_address(client: Client, ada: User) -> None:
    response = post(client, pictures.turned(6))
    asset = Asset.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "upload": str(asset.id),
        "width": 40,
        "height": 80,
        "url": f"/images/{asset.id}/original",
    }
    assert (asset.user_id, asset.kind) == (ada.pk, "upload")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (pictures.SVG, "Only PNG"),
        (pictures.claiming(9_000, 9_000), "megapixels"),
        (pictures.AVIF, "AVIF"),
    ],
)
def test_what_cannot_be_used_is_answered_in_words(client: Client, data: bytes, words: str) -> None:
    response = post(client, data)
    assert response.status_code == 400
    (told,) = response.json()["errors"]["file"]
    assert words in told
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("name", "media_type"), [("cat.png", "image/webp"), ("cat.webp", "image/jpeg"), ("cat.gif", "")]
)
def test_a_mislabelled_picture_is_refused_in_words(client: Client, name: str, media_type: str) -> None:
    response = post(client, pictures.webp(), name, media_type)
    assert response.status_code == 400
    assert "another kind" in response.json()["errors"]["file"][0]
    assert not Asset.objects.exists()


@pytest.mark.parametrize("behind", [b"<script>alert(1)</script>", pictures.archive()])
def test_a_picture_with_something_behind_it_is_refused_in_words(client: Client, behind: bytes) -> None:
    response = post(client, pictures.jpeg() + behind, "cat.jpg", "image/jpeg")
    assert response.status_code == 400
    assert "more in this file" in response.json()["errors"]["file"][0]
    assert not Asset.objects.exists()


def test_more_than_20_mb_is_refused_in_words(client: Client) -> None:
    response = post(client, pictures.png() + b"\0" * MAX_UPLOAD_BYTES)
    assert response.status_code == 400
    assert response.json() == {"errors": {"file": ["This picture is larger than 20 MB."]}}


def test_a_form_without_a_file_is_told_so(client: Client) -> None:
    client.cookies["csrftoken"] = "a" * 32
    response = client.post("/uploads/", headers={"X-CSRFToken": "a" * 32})
    assert (response.status_code, response.json()) == (400, {"errors": {"file": ["Choose a picture."]}})


def test_without_a_csrf_token_nothing_is_taken(client: Client) -> None:
    file = SimpleUploadedFile("photo.jpg", pictures.jpeg())
    assert client.post("/uploads/", {"file": file}).status_code == 403
    assert not Asset.objects.exists()


def test_who_is_signed_out_hears_401() -> None:
    assert post(Client(), pictures.jpeg()).status_code == 401
    assert not Asset.objects.exists()


def test_an_upload_is_posted(client: Client) -> None:
    assert client.get("/uploads/").status_code == 405


def test_what_cannot_be_taken_now_is_503(
    client: Client, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", 0.01)
    with intake._one:
        assert post(client, pictures.jpeg()).status_code == 503
    shutil.rmtree(files)
    files.write_text("no folder any more")
    response = post(client, pictures.jpeg())
    assert response.status_code == 503
    assert str(files) not in response.content.decode()
