"""What went out, and what failed to: e-mails, alerts and what they add up to, and the bot's messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nproxy.accounts import queries as people
from nproxy.notifications.models import Alert, Incident, Mail
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import BAD, GOOD, NEWS, WARN, state, when
from nproxy.telegram.models import Admin, Message


class Told(SimpleListFilter):
    """Those that the home counts are what one comes for."""

    title = _("told")
    parameter_name = "told"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("late", _("Not told, and should be"))]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        return rows.overdue(timezone.now()) if self.value() == "late" else rows


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = (
        when("created_at", _("When")),
        state("severity", _("Severity"), {"info": NEWS, "warning": WARN, "critical": BAD}),
        "kind",
        "subject",
        "text",
        when("sent_at", _("Told")),
    )
    list_filter = (Told, "severity", "kind")
    ordering = ("-id",)

    def about(self, target: Alert) -> Sequence[tuple[str, object]]:
        """Nobody acts on an alert: on the incident that it belongs to."""
        return [("incident", target.incident_id)] if target.incident_id else []


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    list_display = (
        when("opened_at", _("Since")),
        state("severity", _("Severity"), {"info": NEWS, "warning": WARN, "critical": BAD}),
        "kind",
        "subject",
        "count",
        "text",
        when("told_at", _("Told")),
        when("closed_at", _("Over")),
    )
    list_filter = ("severity", "kind")
    audited_as = "incident"


@admin.register(Admin)
class TelegramAdminAdmin(ReadOnly):
    list_display = (
        "name",
        "username",
        "telegram_id",
        "role",
        when("paired_at", _("Paired")),
        when("revoked_at", _("Revoked")),
        when("blocked_at", _("Blocked the bot")),
    )
    list_filter = ("role",)
    audited_as = "telegram_admin"


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = (
        when("created_at", _("When")),
        "purpose",
        "chat_id",
        when("sent_at", _("Sent")),
        when("given_up_at", _("Given up")),
        "tries",
        "last_error",
    )
    list_filter = ("purpose",)

    def about(self, target: Message) -> Sequence[tuple[str, object]]:
        """Nobody acts on a message: on the admin who gets it."""
        admins = Admin.objects.filter(telegram_id=target.chat_id).order_by("-pk")
        return [("telegram_admin", pk) for pk in admins.values_list("pk", flat=True)]


@admin.register(Mail)
class MailAdmin(ReadOnly):
    list_display = (
        when("created_at", _("When")),
        "kind",
        "recipient",
        state("state", _("State"), {"queued": NEWS, "sent": GOOD, "failed": BAD}),
        "tries",
        "last_error",
    )
    list_filter = ("state", "kind")
    search_fields = ("recipient",)
    exclude = ("text", "html", "unsubscribe")
    ordering = ("-id",)

    def about(self, target: Mail) -> Sequence[tuple[str, object]]:
        """Nobody acts on a mail: on the account that it goes to."""
        person = people.find(target.recipient)
        return [("user", person.id)] if person else []
