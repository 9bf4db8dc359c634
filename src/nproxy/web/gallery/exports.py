"""Many pictures in one file: ordered on the page lane, fetched on the async one."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nproxy.assets import actions as assets
from nproxy.assets import queries as pictures
from nproxy.assets.rules import download_names
from nproxy.kit.threads import in_database
from nproxy.web.chat.answers import back, explains_refusals
from nproxy.web.gallery.choosing import chosen
from nproxy.web.gallery.serving import answer, refusal
from nproxy.web.signed_in import by_script, people_only, person, person_id


@require_POST
@people_only
@explains_refusals
def order(request: HttpRequest) -> HttpResponse:
    """202: the chosen pictures (`pictures`, or those of a `turn`, or `all`) will be packed into one file."""
    user_id = person(request)
    drawn = chosen(user_id, request.POST)
    names = download_names((item.prompt, item.finished_at.date(), item.media_type) for item in drawn)
    ids = [item.picture.id for item in drawn]
    export_id = assets.export(user_id=user_id, named=list(zip(ids, names, strict=True)), now=timezone.now())
    words = _("Your images are being packed. You will be told when the file is ready.")
    if by_script(request):
        return JsonResponse({"export": export_id, "message": words}, status=HTTPStatus.ACCEPTED)
    messages.info(request, words)
    return back(request)


@require_safe
async def fetch(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The packed file, for its person alone."""
    person = await person_id(request)
    if person is None:
        return refusal(HTTPStatus.NOT_FOUND)
    try:
        file = await in_database(pictures.export_file, person, export_id, timezone.now())
        await in_database(assets.mark_fetched, export_id, timezone.now())
        name = f"nproxy_{file.created_at:%Y-%m-%d}_{file.count}.zip"
        return await answer(request, file, name, caching="private, no-store", attached=True)
    except (assets.UnknownAsset, assets.BytesMissing):
        return refusal(HTTPStatus.NOT_FOUND)
    except assets.StoreUnavailable:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE)
