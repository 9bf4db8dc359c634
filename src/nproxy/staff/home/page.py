"""Unfold's dashboard callback: the home's figures and charts for its template."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from nproxy.staff.home.charts import charts
from nproxy.staff.home.figures import figures


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What `admin/index.html` shows."""
    now = timezone.now()
    found = figures(now)
    return context | {"title": _("Health"), "now": now, "figures": found, "charts": charts(found, now)}
