"""How an incident reads on a phone: short, calm, with what to do. Telegram's HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from html import escape

from nproxy.notifications.rules.incidents import Standing

# Telegram's limit is 4096 after entities; a message on a phone is shorter.
LONGEST = 3500
MARKS = {"info": "🔵", "warning": "🟠", "critical": "🔴"}
OVER = "✅"

TITLES = {
    "admins.blocked": "An admin blocked the bot",
    "assets.bytes_missing": "A picture's file is missing",
    "assets.store_full": "The store is almost full",
    "assets.too_many_orphans": "The store's sweep was stopped",
    "backup.failed": "A backup failed",
    "backup.late": "The backup is late",
    "clock.late": "The clock stands still",
    "generation.abandoned": "A generation was given up",
    "generations.error_rate": "Many pictures fail",
    "keys.cooldown": "Key cools down",
    "keys.cooling_pool": "One request cools the pool",
    "keys.low_balance": "Balance is low",
    "keys.manual_review": "Key needs a look",
    "keys.misconfigured": "Our request was refused as wrong",
    "keys.out_of_funds": "Key is out of funds",
    "keys.pool_exhausted": "No key is left",
    "keys.route_blocked": "Our address was refused",
    "mail.delayed": "Mails are delayed",
    "mail.failed": "A mail was given up",
    "payment.in_review": "Money waits for a decision",
    "payment.received": "Payment received",
    "payments.bad_signature": "A callback with a wrong signature",
    "payments.callbacks_missing": "Callbacks do not reach us",
    "payments.number_taken": "A payment's number came twice",
    "payments.refused": "The payment processor refuses us",
    "payments.unreadable": "A payment cannot be read",
    "people.paused": "A person was paused",
    "proxies.failing": "Proxy is skipped",
    "worker.silent": "A worker is silent",
    "workers.silent": "No worker answers",
}


def alert_text(standing: Standing, zone: tzinfo) -> str:
    """An incident as it is told: what, about what, in words, and how often."""
    lines = [f"{MARKS[standing.severity]} <b>{_title(standing)}</b>", escape(standing.text)]
    if standing.count > 1:
        since = clock(standing.opened_at, zone)
        lines.append(
            f"<i>{standing.count:,} times since {since}, last at {clock(standing.last_at, zone)}</i>"
        )
    else:
        lines.append(f"<i>{clock(standing.opened_at, zone)}</i>")
    return fitted(lines)


def recovery_text(standing: Standing, zone: tzinfo) -> str:
    """That it is over, and how long it was."""
    over_at = standing.recovered_at or standing.last_at
    lasted = span(over_at - standing.opened_at)
    lines = [f"{OVER} <b>Over: {_title(standing)}</b>", escape(standing.recovery)]
    return fitted([line for line in (*lines, f"<i>{clock(over_at, zone)}, after {lasted}</i>") if line])


def digest_text(standings: Sequence[Standing], zone: tzinfo) -> str:
    """Many incidents in one message, where each of its own would only be noise."""
    head = f"🗂 <b>{len(standings)} more alerts</b>"
    lines = [
        f"{OVER if each.recovered_at else MARKS[each.severity]} {_title(each)}"
        + (f" ({each.count:,} times)" if each.count > 1 else "")
        for each in standings
    ]
    return fitted([head, *lines])


def title(kind: str) -> str:
    """What a kind of alert is called."""
    return TITLES.get(kind) or kind.replace(".", " ").replace("_", " ").capitalize()


def clock(moment: datetime, zone: tzinfo) -> str:
    """The time of day where the operators are, with the zone's name."""
    return moment.astimezone(zone).strftime("%H:%M %Z")


def span(length: timedelta) -> str:
    """A length of time in its largest unit: `40 s`, `12 min`, `3 h`, `2 days`."""
    seconds = int(length.total_seconds())
    for unit, size in (("days", 86_400 * 2), ("h", 3600 * 2), ("min", 60 * 2)):
        if seconds >= size:
            return f"{seconds // (size // 2)} {unit}"
    return f"{seconds} s"


def fitted(lines: Iterable[str]) -> str:
    """As many whole lines as fit into a message."""
    kept: list[str] = []
    left = LONGEST
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)


def _title(standing: Standing) -> str:
    subject = standing.subject
    # Ids say nothing to a person; labels do.
    is_id = not subject or subject.isdigit() or (len(subject) == 36 and subject.count("-") == 4)
    return escape(title(standing.kind)) + ("" if is_id else f" · {escape(subject)}")


def person(name: str, username: str) -> str:
    """Somebody as Telegram knows them."""
    return f"<b>{escape(name)}</b>" + (f" (@{escape(username)})" if username else "")
