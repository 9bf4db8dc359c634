"""Headers that every answer carries: what a page of ours may load, and what others may know of it."""

from __future__ import annotations

from collections.abc import Awaitable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from nproxy.web.both_lanes import BothLanes

# Scripts, styles and calls only from our own files. `data:` is for placeholders, `blob:` for previews of
# pictures that the person is about to send.
STRICT = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# Unfold's pages evaluate expressions in attributes and style inline.
FOR_STAFF = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
STAFF_PREFIX = "/admin/"
OTHERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class ContentSecurityPolicy(BothLanes):
    """Middleware for both lanes; a view that sets a policy of its own (an image, say) keeps it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            return _dressed(request, response)
        return self._later(request, response)

    async def _later(self, request: HttpRequest, response: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        return _dressed(request, await response)


def _dressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    policy = FOR_STAFF if request.path_info.startswith(STAFF_PREFIX) else STRICT
    for name, value in {"Content-Security-Policy": policy, **OTHERS}.items():
        response.headers.setdefault(name, value)
    if settings.SECURE_HSTS_SECONDS:
        # Django's own middleware says it for pages only; what waits or streams goes without that one.
        response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
    return response
