"""`GET /images/<id>/<variant>`: a person's own pictures, streamed on the async lane.

A picture never changes, so its address may be cached for ever, privately. Everyone else's pictures do
not exist (404).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from nproxy.assets import actions as assets
from nproxy.assets.queries import PictureFile
from nproxy.assets.rules import EXTENSIONS, download_name
from nproxy.generations import queries as generations
from nproxy.kit.ids import short_code
from nproxy.kit.threads import in_database
from nproxy.web.gallery.serving import answer, refusal
from nproxy.web.signed_in import person_id

CACHING: Final = "private, max-age=31536000, immutable"


@require_safe
async def image(request: HttpRequest, asset_id: UUID, variant: str) -> HttpResponseBase:
    person = await person_id(request)
    if person is None:
        return refusal(HTTPStatus.NOT_FOUND)
    attached = "download" in request.GET
    try:
        file = await assets.find_file(user_id=person, asset_id=asset_id, variant=variant)
        name = await in_database(_name, person, file) if attached else _plain_name(file)
        return await answer(request, file, name, caching=CACHING, attached=attached)
    except assets.UnknownAsset:
        return refusal(HTTPStatus.NOT_FOUND)
    except assets.BytesMissing:
        await in_database(assets.report_missing, asset_id, now=timezone.now())
        return refusal(HTTPStatus.NOT_FOUND)
    except assets.StoreUnavailable:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE)


def _plain_name(file: PictureFile) -> str:
    return f"nproxy_{short_code(file.asset_id)}.{EXTENSIONS[file.media_type]}"


def _name(user_id: int, file: PictureFile) -> str:
    """After the prompt that drew it, numbered by its place in the batch; an upload is just an `image`."""
    drawn = generations.drawn(user_id, asset_ids=[file.asset_id])
    prompt, number = (drawn[0].prompt, drawn[0].position) if drawn else ("", 1)
    return download_name(prompt, file.created_at.date(), number, file.media_type)
