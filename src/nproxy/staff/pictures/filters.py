"""How an operator finds a generation: by its key, by its error, by whose it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from nproxy.accounts.models import User
from nproxy.generations.models import Generation
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.staff.pictures.words import WHY

Rows = QuerySet[Generation]
# An e-mail's part that matches more people than this is no way to find one.
MOST_PEOPLE = 200
# A bigint's; int() refuses numbers of thousands of digits.
DIGITS_OF_AN_ID = 19


class ByError(DropdownFilter):
    title = _("error")
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in WHY]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset.filter(error_code=self.value()) if self.value() else queryset


class ByKey(DropdownFilter):
    """Those for which a key was tried, whatever came of it."""

    title = _("key")
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        keys = ProviderKey.objects.order_by("provider", "label").values_list("id", "provider", "label")
        return [(str(pk), f"{provider} · {label}") for pk, provider, label in keys]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if not (self.value() or "").isdecimal():
            return queryset
        return queryset.filter(pk__in=Attempt.objects.filter(key_id=self.value()).values("work"))


def found(rows: Rows, words: str) -> Rows:
    """By id, by the reference that its owner was shown, or by a part of the owner's address."""
    words = words.strip()
    try:
        return rows.filter(pk=UUID(words))
    except ValueError:
        pass
    by_reference = rows.filter(error_reference=words)
    people = User.objects.filter(email__contains=words.lower()).values_list("pk", flat=True)
    if words.isdecimal() and len(words) <= DIGITS_OF_AN_ID:
        return rows.filter(user_id__in=[int(words), *people[:MOST_PEOPLE]])
    return by_reference | rows.filter(user_id__in=list(people[:MOST_PEOPLE]))
