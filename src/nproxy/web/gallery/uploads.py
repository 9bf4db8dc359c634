"""`POST /uploads/`: one picture that a person wants to start from."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nproxy.assets import actions as assets
from nproxy.web.signed_in import people_only, person

log = structlog.get_logger(__name__)


@require_POST
@people_only
def upload(request: HttpRequest) -> HttpResponse:
    """201 with the picture's id and size; 400 with words; 429 or 503 when it cannot be taken now."""
    file = request.FILES.get("file")
    if file is None:
        return _refused(HTTPStatus.BAD_REQUEST, _("Choose a picture."))
    try:
        kept = assets.accept_upload(
            user_id=person(request),
            data=file.read(),
            name=file.name or "",
            media_type=file.content_type or "",
            now=timezone.now(),
        )
    except assets.BadUpload as bad:
        return _refused(HTTPStatus.BAD_REQUEST, str(bad))
    except assets.TooManyUploads:
        return _refused(
            HTTPStatus.TOO_MANY_REQUESTS,
            _("Those were many pictures within an hour. Try again a little later."),
        )
    except (assets.IntakeBusy, assets.StoreFull, assets.StoreUnavailable) as error:
        log.warning("upload.refused", reason=type(error).__name__, detail=str(error))
        return _refused(
            HTTPStatus.SERVICE_UNAVAILABLE, _("We cannot take pictures right now. Try again in a minute.")
        )
    url = reverse("image", args=[kept.id, "original"])
    answer = {"upload": kept.id, "width": kept.width, "height": kept.height, "url": url}
    return JsonResponse(answer, status=HTTPStatus.CREATED)


def _refused(status: HTTPStatus, words: str) -> JsonResponse:
    return JsonResponse({"errors": {"file": [words]}}, status=status)
