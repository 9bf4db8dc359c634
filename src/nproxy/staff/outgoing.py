"""What went out, and what failed to: e-mails and alerts."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from nproxy.notifications.models import Alert, Mail
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import BAD, GOOD, NEWS, WARN, state, when


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = (
        when("created_at", _("When")),
        state("severity", _("Severity"), {"info": NEWS, "warning": WARN, "critical": BAD}),
        "kind",
        "subject",
        "text",
    )
    list_filter = ("severity", "kind")


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
