"""What went out, and what failed to: e-mails, alerts and what they add up to, and the bot's messages."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from nproxy.notifications.models import Alert, Incident, Mail
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import BAD, GOOD, NEWS, WARN, state, when
from nproxy.telegram.models import Admin, Message


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
    list_filter = ("severity", "kind")


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
