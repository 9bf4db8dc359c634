"""`showing.py` for templates: `{% load staff %}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from nproxy.staff import showing

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """`{{ moment|ago }}`: its distance from now, the exact moment on hover."""
    return showing.ago(moment, timezone.now())


@register.filter
def lasted(seconds: float | None) -> str:
    return showing.lasted(seconds)


@register.filter
def dollars(microusd: int | None) -> str:
    return showing.dollars(microusd)


@register.filter
def cents(amount: int | None) -> str:
    return showing.cents(amount)


@register.filter
def changed_fields(entry: Any) -> list[tuple[str, object, object]]:
    """(field, before, after) of an audit entry."""
    before, after = entry.before or {}, entry.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return [(name, before.get(name), after.get(name)) for name in names]
