"""Why an act was not done: in words for the operator, and in the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.staff import seeing
from nproxy.staff.acts import Act, Refused

if TYPE_CHECKING:
    from nproxy.staff.reading import ReadOnly


def refused(
    page: ReadOnly, act: Act, target: Any, fact: BaseException, *, actor: Actor, now: datetime
) -> Refused:
    """Put in words why an act was not done, and record it. Raises `fact` where the act has no words for it."""
    if isinstance(fact, seeing.Changed):
        because = _("Not done, it changed since you looked: %(what)s.") % {"what": fact.what}
    elif isinstance(fact, tuple(act.refusals)):
        words = next(act.refusals[kind] for kind in type(fact).__mro__ if kind in act.refusals)
        because = str(words) or str(fact)
    elif isinstance(fact, ObjectDoesNotExist):
        because = _("Not done, it is not there any more.")
    else:
        raise fact
    about = (page.audited_as, target.pk) if target is not None else ("page", page.opts.label_lower)
    after: dict[str, object] = {"act": act.name, "because": because}
    audit.record(actor=actor, action="act.refused", target=about, now=now, before=None, after=after)
    return Refused(because)
