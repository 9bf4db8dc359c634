"""What an operator reads where its owner reads a sentence about trying again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from nproxy.staff.showing import BAD, GOOD, NEWS, WARN

WHY = {
    "content_policy": _("The provider declined the wish. Its owner was told; nothing was charged."),
    "invalid_request": _("The provider could not use the wish as it was. The last attempt says why."),
    "no_image": _("The provider answered without a picture."),
    "service_unavailable": _("No key could draw it in time. The attempts below say what each of them met."),
    "internal": _("It broke on our side, or its worker died twice. The log has more under its id."),
}
STATUSES = {"queued": NEWS, "running": WARN, "succeeded": GOOD, "failed": BAD}
