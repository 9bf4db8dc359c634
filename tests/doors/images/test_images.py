from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.assets import pictures
from tests.rooms.assets.pictures import opened

from nproxy.accounts.models import User
from nproxy.assets import actions
from nproxy.kit.ids import new_id
from nproxy.kit.threads import in_database
from nproxy.notifications.models import Alert

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATA = pictures.encoded(pictures.noise(900, 600), "PNG")


def drawn(user: User) -> UUID:
    kept = async_to_sync(actions.store_drawn)(DATA, user_id=user.pk)
    return actions.record_drawn(kept, now=NOW)


@pytest.fixture
def picture(ada: User) -> UUID:
    return drawn(ada)


async def body(response: HttpResponseBase) -> bytes:
    if isinstance(response, StreamingHttpResponse):
        return b"".join([chunk async for chunk in response])
    return response.content


async def get(viewer: AsyncClient, picture: UUID, variant: str = "original", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await viewer.get(f"/images/{picture}/{variant}", headers=named)


async def test_the_original_comes_byte_for_byte_and_may_be_cached_for_ever(
    viewer: AsyncClient, picture: UUID
) -> None:
    response = await get(viewer, picture)
    assert response.status_code == 200
    assert await body(response) == DATA
    assert response["Content-Type"] == "image/png"
    assert response["Content-Length"] == str(len(DATA))
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"]


@pytest.mark.parametrize(
    ("variant", "size"), [("320", (320, 214)), ("640", (640, 427)), ("1280", (900, 600))]
)
async def test_every_variant_is_a_webp_never_upscaled(
    viewer: AsyncClient, picture: UUID, variant: str, size: tuple[int, int]
) -> None:
    response = await get(viewer, picture, variant)
    image = opened(await body(response))
    assert (response["Content-Type"], image.format, image.size) == ("image/webp", "WEBP", size)


async def test_variants_have_tags_of_their_own(viewer: AsyncClient, picture: UUID) -> None:
    variants = ("original", "320", "640", "1280")
    tags = {(await get(viewer, picture, variant))["ETag"] for variant in variants}
    assert len(tags) == 4


async def test_who_has_it_already_gets_304_and_no_bytes(viewer: AsyncClient, picture: UUID) -> None:
    tag = (await get(viewer, picture))["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = await get(viewer, picture, If_None_Match=known)
        assert (response.status_code, await body(response)) == (304, b"")
        assert response["ETag"] == tag
        assert "immutable" in response["Cache-Control"]
    assert (await get(viewer, picture, If_None_Match='"other"')).status_code == 200


async def test_a_part_is_206_and_says_which(viewer: AsyncClient, picture: UUID) -> None:
    response = await get(viewer, picture, Range="bytes=10-19")
    assert (response.status_code, await body(response)) == (206, DATA[10:20])
    assert response["Content-Range"] == f"bytes 10-19/{len(DATA)}"
    assert response["Content-Length"] == "10"


async def test_a_part_behind_the_end_is_416(viewer: AsyncClient, picture: UUID) -> None:
    response = await get(viewer, picture, Range=f"bytes={len(DATA)}-")
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(DATA)}"


async def test_a_part_of_something_else_becomes_the_whole(viewer: AsyncClient, picture: UUID) -> None:
    tag = (await get(viewer, picture))["ETag"]
    same = await get(viewer, picture, Range="bytes=0-9", If_Range=tag)
    changed = await get(viewer, picture, Range="bytes=0-9", If_Range='"other"')
    assert (same.status_code, changed.status_code) == (206, 200)


async def test_head_tells_everything_but_the_bytes(viewer: AsyncClient, picture: UUID) -> None:
    response = await viewer.head(f"/images/{picture}/original")
    assert (response.status_code, await body(response)) == (200, b"")
    assert response["Content-Length"] == str(len(DATA))
    assert response["Content-Type"] == "image/png"


async def test_a_download_has_a_name(viewer: AsyncClient, picture: UUID) -> None:
    today = f"{NOW:%Y-%m-%d}"
    response = await viewer.get(f"/images/{picture}/original?download=1")
    name = f"image_{today}_01.png"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    shown = await get(viewer, picture, "320")
    assert shown["Content-Disposition"].startswith("inline; ")
    assert shown["Content-Disposition"].endswith('.webp"')


async def test_everyone_elses_pictures_do_not_exist(viewer: AsyncClient, picture: UUID) -> None:
    bob = await in_database(User.objects.create_user, "bob@example.com")
    his = await in_database(drawn, bob)
    stranger = AsyncClient()
    for browser, wanted in ((viewer, his), (viewer, new_id()), (stranger, picture)):
        for variant in ("original", "320"):
            response = await get(browser, wanted, variant)
            assert response.status_code == 404
            assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("variant", ["100", "640px", "original.png", "0"])
async def test_other_variants_do_not_exist(viewer: AsyncClient, picture: UUID, variant: str) -> None:
    assert (await get(viewer, picture, variant)).status_code == 404


async def test_a_deleted_picture_does_not_exist(viewer: AsyncClient, picture: UUID) -> None:
    assert await in_database(actions.discard, [picture], NOW)
    for variant in ("original", "640", "320"):
        assert (await get(viewer, picture, variant)).status_code == 404


async def test_a_blocked_person_sees_nothing(viewer: AsyncClient, picture: UUID, ada: User) -> None:
    await in_database(User.objects.filter(pk=ada.pk).update, is_active=False)
    assert (await get(viewer, picture)).status_code == 404


async def test_missing_bytes_are_404_and_an_alert(viewer: AsyncClient, picture: UUID, files: Path) -> None:
    await in_database(cache.clear)
    shutil.rmtree(files)
    for variant in ("original", "640", "320"):
        response = await get(viewer, picture, variant)
        assert response.status_code == 404
        assert response["Cache-Control"] == "no-store"
    alerts = await in_database(lambda: list(Alert.objects.values_list("kind", "subject")))
    assert alerts == [("assets.bytes_missing", str(picture))]


async def test_a_store_that_is_down_is_503(viewer: AsyncClient, picture: UUID, files: Path) -> None:
    shutil.rmtree(files / picture.hex[-2:])
    (files / picture.hex[-2:]).write_text("no folder any more")
    response = await get(viewer, picture)
    assert response.status_code == 503
    assert response["Cache-Control"] == "no-store"


async def test_pictures_are_only_read(viewer: AsyncClient, picture: UUID) -> None:
    assert (await viewer.post(f"/images/{picture}/original")).status_code in (403, 405)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(DATA) - 1), st.integers(1, 300_000))
def test_every_part_is_exactly_that_part(viewer: AsyncClient, picture: UUID, start: int, length: int) -> None:
    async def ask() -> bytes:
        return await body(await get(viewer, picture, Range=f"bytes={start}-{start + length - 1}"))

    assert async_to_sync(ask)() == DATA[start : start + length]
