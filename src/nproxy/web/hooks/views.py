"""Callbacks of payment processors: stored at once, understood later. Signed, so without CSRF protection.

The processor gives up after three seconds. Nothing here waits for anyone but the database,
and for that no longer than `PATIENCE`: 503 makes the processor try again.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from nproxy.billing import actions as billing
from nproxy.billing.actions import Received
from nproxy.billing.rules.signature import MAX_BYTES
from nproxy.kit.locks import patience

PATIENCE = timedelta(seconds=2)
STATUSES = {
    Received.STORED: 200,
    Received.QUARANTINED: 401,
    Received.LIMITED: 401,
    Received.TOO_LARGE: 413,
    Received.NO_SECRET: 503,
}


@csrf_exempt
@require_POST
def nowpayments(request: HttpRequest) -> HttpResponse:
    """Any answer but 200 is one that the processor tries again after."""
    try:
        with patience(PATIENCE):
            received = billing.receive_event(
                body=request.read(MAX_BYTES + 1),
                headers=request.headers,
                address=get_adapter().get_client_ip(request),
                now=timezone.now(),
            )
    except OperationalError:
        return HttpResponse(status=503)
    return HttpResponse(status=STATUSES[received])
