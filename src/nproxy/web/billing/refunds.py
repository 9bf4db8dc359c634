"""Where money shall go that goes back: the owner says it, and a mail makes sure that it was the owner."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nproxy.billing import actions as billing
from nproxy.billing import queries
from nproxy.kit.ids import short_code
from nproxy.web.billing.words import REFUSALS
from nproxy.web.chat.answers import see_other
from nproxy.web.signed_in import people_only, person

FIELD_REFUSALS = (billing.BadAddress, billing.TooManyAddresses)


@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Give an address for an order's money, or another one than before."""
    case = queries.refund_case(person(request), order_id)
    if case is None:
        raise Http404
    address = request.POST.get("address", case.address)
    error = _give(request, order_id, address) if request.method == "POST" else ""
    if request.method == "POST" and not error:
        messages.success(request, _("We have sent you a mail. Please confirm the address there."))
        return see_other(f"/billing/orders/{order_id}/")
    context = {
        "case": case,
        "order_id": order_id,
        "code": short_code(order_id),
        "address": address,
        "error": error,
    }
    return render(request, "billing/refund.html", context, status=400 if error else 200)


def _give(request: HttpRequest, order_id: UUID, address: str) -> str:
    """Why it is not possible, "" when it is done."""
    try:
        billing.give_refund_address(
            user_id=person(request), order_id=order_id, address=address, now=timezone.now()
        )
    except FIELD_REFUSALS as fact:
        return str(REFUSALS[type(fact)])
    except billing.NotPossible:
        raise Http404 from None
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. GET asks, because programs that look through mails follow links; no login is needed."""
    found = queries.refund_address(token)
    if found and request.method == "POST":
        billing.confirm_refund_address(address_id=found[0], now=timezone.now())
    given = found[1] if found else None
    context = {"given": given, "is_done": bool(given and (request.method == "POST" or given.confirmed_at))}
    return render(request, "billing/refund_confirm.html", context, status=200 if given else 404)
