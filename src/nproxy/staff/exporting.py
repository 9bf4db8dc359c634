"""Lists to take along: what the filters leave, as a spreadsheet; that it was taken is in the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nproxy.audit import actions as audit
from nproxy.kit.money import coin_text
from nproxy.staff.acting import acting
from nproxy.staff.reading import ReadOnly
from nproxy.staff.spreadsheet import spreadsheet

# Rows that are fetched from the database at once.
ROWS = 2000


class Exported(ReadOnly):
    """A list with a button that exports it as `exported_as`, with the columns of `exports` (header → field)."""

    exported_as: ClassVar[str]
    exports: ClassVar[Mapping[str, str]]

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name=f"{self._name}_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context:
            there = f"{reverse(f'admin:{self._name}_export')}?{request.GET.urlencode()}"
            context["actions_list"] = [
                *context["actions_list"],
                self.link(_("Export as CSV"), "download", there),
            ]
        return response

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All rows that the list's filters leave, in the list's order; itself an entry."""
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{self.address_of_list()}?{ERROR_FLAG}=1")  # as the list itself does
        audit.record(
            actor=acting(request),
            action=f"{self.exported_as}.exported",
            target=("page", f"{self.opts.app_label}/{self.opts.model_name}"),
            now=timezone.now(),
            before=None,
            after={"filters": request.GET.urlencode()},
        )
        picked = rows.values_list(*self.exports.values()).iterator(chunk_size=ROWS)
        cells = ([_cell(value) for value in row] for row in picked)
        return spreadsheet(self.exported_as, list(self.exports), cells)


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return coin_text(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
