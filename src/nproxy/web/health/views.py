"""Is the process alive, and can it do its work? For load balancers, Docker and the demo; nothing secret in it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from nproxy.assets import actions as assets
from nproxy.web.health import metrics as figures

# Anyone may ask, and asking the store writes to it.
STORE_SECONDS = 10.0

log = structlog.get_logger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process takes requests. Asks nobody, so that a lost database does not restart what is well."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, queue and store answer; 503 and the part that does not."""
    parts = {name: "ok" if _works(name, check) else "unreachable" for name, check in CHECKS.items()}
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse(parts, status=200 if is_ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's figures, for whoever has NPROXY_METRICS_TOKEN; without one, for this machine alone."""
    if not _may_measure(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(figures.text(timezone.now()), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    """By the token; else by the peer's own address. What came through a proxy came from elsewhere."""
    token = settings.NPROXY_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _works(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except (DatabaseError, assets.StoreUnavailable) as error:
        log.warning("not ready", part=name, error=str(error))
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_queue() -> None:
    # In a transaction of its own: without the table the connection would be left unusable.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs LIMIT 1")


def _ask_store() -> None:
    global _store_was_well  # noqa: PLW0603 - one number for the process; two threads may both ask, harmlessly
    if time.monotonic() - _store_was_well < STORE_SECONDS:
        return
    assets.check_store()
    _store_was_well = time.monotonic()


_store_was_well = float("-inf")
CHECKS: dict[str, Callable[[], object]] = {
    "database": _ask_database,
    "queue": _ask_queue,
    "store": _ask_store,
}
