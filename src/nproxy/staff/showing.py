"""How values look on the operators' pages: moments as distances, states as labels, money and secrets as words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from unfold.decorators import display

from nproxy.kit.money import usd
from nproxy.staff.acts import Words

Column = Callable[[Any], Any]
NOTHING = "–"
MINUTE = timedelta(minutes=1)
# Unfold's kinds of labels.
GOOD, WARN, BAD, NEWS = "success", "warning", "danger", "info"
# What one call to a provider came to.
VERDICTS = {
    "success": GOOD,
    "user_error": NEWS,
    "no_image": NEWS,
    "retryable": WARN,
    "rate_limited": WARN,
    "lost": WARN,
    "route_blocked": WARN,
    "proxy_failed": WARN,
    "out_of_funds": BAD,
    "key_rejected": BAD,
    "misconfigured": BAD,
}


def ago(moment: datetime | None, now: datetime) -> SafeString | str:
    """`3 minutes ago`, `in 2 hours`, with the exact moment on hover."""
    if moment is None:
        return NOTHING
    distance = _distance(abs(now - moment))
    words = _("%(time)s ago") if moment <= now else _("in %(time)s")
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        date_format(local, "j M Y, H:i:s e"),
        words % {"time": distance},
    )


def _distance(time: timedelta) -> str:
    if time < MINUTE:
        return _("%(seconds)d s") % {"seconds": time.total_seconds()}
    return timesince(timezone.now() - time, depth=1)


def lasted(seconds: float | None) -> str:
    """`0.4 s`, `12 s`, `3 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return _("%(seconds).1f s") % {"seconds": seconds}
    if seconds < 120:
        return _("%(seconds).0f s") % {"seconds": seconds}
    return _("%(minutes).0f min") % {"minutes": seconds / 60}


def dollars(microusd: int | None) -> str:
    """Millionths of a USD: `$12.34`, `$0.0390`."""
    return NOTHING if microusd is None else usd(microusd)


def cents(amount: int | None) -> str:
    """USD cents: `$19.00`."""
    return NOTHING if amount is None else f"${amount / 100:,.2f}"


def masked(tail: str) -> str:
    """A secret of which nobody sees more than its last characters."""
    return f"••••{tail}"


def two_lines(above: object, below: object) -> SafeString:
    """One thing, and quietly under it what belongs to it; what is too long there is whole on hover."""
    if not below:
        return format_html("{}", above)
    hint = "" if isinstance(below, SafeString) else below
    return format_html(
        '<div>{}<div class="staff-quiet staff-clipped" title="{}">{}</div></div>', above, hint, below
    )


def clipped(text: str) -> SafeString | str:
    """As much of a long text as a list has room for; the whole on hover."""
    return format_html('<span class="staff-clipped" title="{}">{}</span>', text, text) if text else NOTHING


# --- columns of lists and lines of detail pages


def when(name: str, label: Words) -> Column:
    """The moment in field `name`, as its distance from now."""

    def column(row: Any) -> SafeString | str:
        return ago(getattr(row, name), timezone.now())

    column.__name__ = f"{name}_ago"
    return cast("Column", display(column, description=label, ordering=name))


def state(name: str, label: Words, kinds: Mapping[str, str]) -> Column:
    """The text in field `name` as a label, coloured by `kinds` (value → GOOD, WARN, BAD, NEWS)."""

    def column(row: Any) -> str | None:
        return getattr(row, name) or None

    column.__name__ = f"{name}_label"
    return cast("Column", display(column, description=label, ordering=name, label=dict(kinds)))


def of(get: Callable[[Any], Any], label: Words, *, ordering: str | None = None) -> Column:
    """Whatever `get` makes of the row."""

    def column(row: Any) -> Any:
        return get(row)

    column.__name__ = f"{getattr(get, '__name__', 'value')}_shown"
    return cast("Column", display(column, description=label, ordering=ordering))


def labelled(
    get: Callable[[Any], str], label: Words, kinds: Mapping[str, str], *, ordering: str | None = None
) -> Column:
    """`state` for what is no field: the text that `get` makes of the row, coloured by `kinds`."""

    def column(row: Any) -> str:
        return get(row)

    column.__name__ = f"{get.__name__}_label"
    return cast("Column", display(column, description=label, ordering=ordering, label=dict(kinds)))
