"""What `GET /updates/` tells beside generations and orders: files that became ready, or could not be packed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nproxy.assets import queries as assets
from nproxy.assets.queries import ExportView


def notices(user_id: int, after: int) -> list[dict[str, Any]]:
    """`id`, `kind` (`export_ready`, `export_failed`), the words, and where to go, of each that is new."""
    return [
        _notice(export) for export in assets.exports_changed(user_id, after) if export.status != "packing"
    ]


def _notice(export: ExportView) -> dict[str, Any]:
    if export.status == "failed":
        words = _("Your images could not be packed. Try again in a while.")
        return {"id": export.id, "kind": "export_failed", "text": words, "link": None}
    words = ngettext(
        "Your file with %(count)d image is ready.", "Your file with %(count)d images is ready.", export.count
    ) % {"count": export.count}
    link = {"url": f"/exports/{export.id}/", "text": _("Download")}
    return {"id": export.id, "kind": "export_ready", "text": words, "link": link}
