"""Looking at what a person asked for and got: their words and pictures, shown on demand, and each look on record."""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import async_to_sync
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nproxy.accounts.rules import Right
from nproxy.assets import actions as assets
from nproxy.assets import queries as pictures
from nproxy.audit import actions as audit
from nproxy.generations.models import Generation
from nproxy.staff.acting import acting, may
from nproxy.staff.reading import ReadOnly

SALT = "nproxy.staff.look"
# How long the pictures of a page that was looked at may be fetched.
LOOK_SECONDS = 300
SIZE = "640"


def look(page: ReadOnly, request: HttpRequest, target: Generation) -> HttpResponse:
    """The prompt, and the addresses of the pictures for a few minutes. Recorded as `generation.looked_at`."""
    if not may(request, Right.PRIVATE):
        _record(page, request, target, "act.refused", {"act": "look", "because": "not allowed"})
        raise PermissionDenied
    _record(page, request, target, "generation.looked_at")
    sources = list(target.turn.sources.values_list("asset_id", flat=True))
    context = {
        **page.admin_site.each_context(request),
        "title": _("What was asked for"),
        "opts": page.opts,
        "target": target,
        "prompt": target.turn.prompt,
        "sources": [_ticket(request, target, asset_id) for asset_id in sources],
        "picture": _ticket(request, target, target.asset_id) if target.asset_id else "",
        "back": page.address_of(target.pk),
    }
    return TemplateResponse(
        request, "staff/pictures/look.html", context, headers={"Cache-Control": "no-store"}
    )


def _record(
    page: ReadOnly,
    request: HttpRequest,
    target: Generation,
    action: str,
    after: dict[str, object] | None = None,
) -> None:
    about = (page.audited_as, target.pk)
    audit.record(
        actor=acting(request), action=action, target=about, now=timezone.now(), before=None, after=after
    )


def _ticket(request: HttpRequest, target: Generation, asset_id: UUID) -> str:
    """Lets this operator fetch this picture, for as long as the look lasts."""
    return signing.dumps([request.user.pk, target.user_id, str(asset_id)], salt=SALT)


@require_safe
def picture(request: HttpRequest, ticket: str) -> HttpResponse:
    """A picture of a page that was looked at: no address of its own outlives that look."""
    try:
        operator, owner, asset_id = signing.loads(ticket, salt=SALT, max_age=LOOK_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    if operator != request.user.pk or not may(request, Right.PRIVATE):
        raise PermissionDenied
    try:
        media_type, data = async_to_sync(_read)(owner, UUID(asset_id))
    except (assets.UnknownAsset, assets.BytesMissing, assets.StoreUnavailable):
        raise Http404 from None
    return HttpResponse(data, content_type=media_type, headers={"Cache-Control": "no-store"})


async def _read(owner: int, asset_id: UUID) -> tuple[str, bytes]:
    file = await assets.find_file(user_id=owner, asset_id=asset_id, variant=SIZE)
    chunks = [chunk async for chunk in await pictures.stream(file, 0, file.size)]
    return file.media_type, b"".join(chunks)
