"""Incidents become messages: to everybody on the list whom they can reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from nproxy.kit.locks import try_lock_for_transaction
from nproxy.notifications import actions as notifications
from nproxy.notifications import queries as news
from nproxy.notifications.queries import IncidentView
from nproxy.notifications.rules import incidents
from nproxy.notifications.rules.incidents import Step
from nproxy.notifications.rules.quiet import is_quiet
from nproxy.telegram.actions import messages
from nproxy.telegram.models import Admin, Message, Role
from nproxy.telegram.rules import menu, wording
from nproxy.telegram.rules.pace import ALERTS_WITHIN, is_crowded

DIGEST = "digest:"

Due = list[tuple[IncidentView, Step]]


@dataclass(frozen=True)
class Audience:
    """Whom to tell, and the zone that they live in."""

    admins: Sequence[Admin]
    zone: tzinfo


def tell_incidents(*, now: datetime) -> int:
    """Write every message that is due, with the note that it was: one transaction. How many incidents moved."""
    with transaction.atomic():
        if not try_lock_for_transaction("telegram telling"):
            return 0
        reachable = Admin.objects.filter(revoked_at=None, blocked_at=None).order_by("pk")
        audience = Audience(list(reachable), ZoneInfo(settings.NPROXY_TIMEZONE))
        due = _due(now)
        for one, step in due:
            if step is Step.CLOSE:
                notifications.close(incident_id=one.id, now=now)
            elif step is Step.CHANGE or _ends_in_place(one, step):
                _change(one, step, audience, now)
        if audience.admins:  # else it stays untold: whoever is paired next hears it
            _tell([pair for pair in due if _is_new(*pair)], audience, now)
    return len(due)


def _due(now: datetime) -> Due:
    quiet = is_quiet(now, settings.NPROXY_QUIET_HOURS, ZoneInfo(settings.NPROXY_TIMEZONE))
    still_open = news.open_incidents()
    kinds = {one.standing.kind for one in still_open if one.standing.recovered_at is None}
    steps = [
        (
            one,
            incidents.next_step(
                one.standing,
                now=now,
                is_quiet=quiet,
                is_silenced=incidents.is_silenced(one.standing.kind, kinds),
            ),
        )
        for one in still_open
    ]
    return [(one, step) for one, step in steps if step is not Step.NOTHING]


def _ends_in_place(one: IncidentView, step: Step) -> bool:
    """The end of what was only for information is no reason to ring: the message itself says it."""
    return step is Step.TELL_RECOVERY and one.standing.severity == "info"


def _is_new(one: IncidentView, step: Step) -> bool:
    return step in {Step.TELL, Step.TELL_RECOVERY} and not _ends_in_place(one, step)


def _tell(due: Due, audience: Audience, now: datetime) -> None:
    """What is critical at once; of the rest, when there was much lately, one digest in ten minutes."""
    crowd: Due = []
    for one, step in due:
        if one.standing.is_critical or not _is_crowded(now):
            _tell_one(one, step, audience, now)
        else:
            crowd.append((one, step))
    if (
        not crowd
        or Message.objects.filter(key__startswith=DIGEST, created_at__gt=now - ALERTS_WITHIN).exists()
    ):
        return
    text = wording.digest_text([one.standing for one, _ in crowd], audience.zone)
    for admin in audience.admins:
        key = f"{DIGEST}{now.isoformat()}:{admin.telegram_id}"
        messages.write(
            chat_id=admin.telegram_id, text=text, keyboard=menu.home(), key=key, now=now, purpose="alert"
        )
    for one, step in crowd:
        _note(one, step, now)


def _tell_one(one: IncidentView, step: Step, audience: Audience, now: datetime) -> None:
    for admin in audience.admins:
        messages.write(
            chat_id=admin.telegram_id,
            text=_text(one, step, audience.zone),
            keyboard=_keyboard(one, step, admin),
            purpose=Message.Purpose.ALERT,
            incident_id=one.id,
            now=now,
        )
    _note(one, step, now)


def _change(one: IncidentView, step: Step, audience: Audience, now: datetime) -> None:
    """In each chat the newest message about it counts on."""
    for admin in audience.admins:
        told = Message.objects.filter(chat_id=admin.telegram_id, incident_id=one.id, given_up_at=None)
        newest = told.order_by("-pk").values("pk")[:1]
        messages.change(
            told.filter(pk__in=newest),
            text=_text(one, step, audience.zone),
            keyboard=_keyboard(one, step, admin),
            now=now,
        )
    _note(one, step, now)


def _note(one: IncidentView, step: Step, now: datetime) -> None:
    standing = one.standing
    is_new = _is_new(one, step)
    notifications.note_told(
        incident_id=one.id, severity=standing.severity, count=standing.count, is_new=is_new, now=now
    )
    if step is Step.TELL_RECOVERY:
        notifications.close(incident_id=one.id, now=now)


def _is_crowded(now: datetime) -> bool:
    """Everybody gets the same alerts, so the chat that had most speaks for all."""
    lately = Message.objects.filter(purpose=Message.Purpose.ALERT, created_at__gt=now - ALERTS_WITHIN)
    moments: dict[int, list[datetime]] = {}
    for chat_id, at in lately.values_list("chat_id", "created_at"):
        moments.setdefault(chat_id, []).append(at)
    return any(is_crowded(sent, now) for sent in moments.values())


def _text(one: IncidentView, step: Step, zone: tzinfo) -> str:
    if step is Step.TELL_RECOVERY:
        return wording.recovery_text(one.standing, zone)
    return wording.alert_text(one.standing, zone)


def _keyboard(one: IncidentView, step: Step, admin: Admin) -> menu.Keyboard:
    if step is Step.TELL_RECOVERY:
        return []
    return menu.under_alert(one.id, one.standing.kind, may_act=admin.role == Role.OPERATOR)
