"""Small tables below the facts of an object: what else belongs to it, with links to where it is shown whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from nproxy.staff.acts import Words


@dataclass(frozen=True)
class Table:
    """`rows` hold what the templates print; links come from `link`."""

    title: Words
    columns: Sequence[Words]
    rows: Sequence[Sequence[object]]


def link(target: Model | None, words: object = "") -> SafeString | str:
    """A way to an object's own page."""
    if target is None:
        return "–"
    address = reverse(f"admin:{target._meta.label_lower.replace('.', '_')}_change", args=[target.pk])
    return format_html('<a class="staff-link" href="{}">{}</a>', address, str(words) or str(target))
