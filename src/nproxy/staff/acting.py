"""Carrying out an act that a page offers: who may, is it still as they saw it, do it, say how it went.

Whatever is refused is in the audit log as well (`act.refused`; forged forms and missing rights: `doors.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from nproxy.accounts.models import User
from nproxy.accounts.rules import Right
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.staff import seeing
from nproxy.staff.acts import Act, ActForm, Takes, Trouble, Words

if TYPE_CHECKING:
    from nproxy.staff.reading import ReadOnly

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Refused:
    """Nothing was done; why, in words."""

    because: str


def acting(request: HttpRequest) -> Actor:
    """The operator behind a request, and where they sit."""
    user = request.user
    origin = get_adapter().get_client_ip(request)
    return Actor(kind="operator", id=str(user.pk), name=user.get_username(), origin=origin)


def may(request: HttpRequest, right: Right) -> bool:
    """Whether the operator behind a request has the right. The admin let nobody else in."""
    return cast("User", request.user).may(right)


def answer(page: ReadOnly, act: Act, request: HttpRequest, ids: Sequence[str]) -> HttpResponse:
    """The act's form (GET), or doing it (POST). Raises PermissionDenied, Http404."""
    if not may(request, act.needs):
        raise PermissionDenied
    targets = _targets(page, act, ids)
    now = timezone.now()
    form = act.form(request.POST or None, request.FILES or None, targets=targets)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        outcomes = [
            (target, attempt(page, act, target, form.cleaned_data, seen=seen, actor=acting(request), now=now))
            for target in targets or [None]
        ]
        _tell(request, outcomes)
        return _leave(page, request, targets)
    return _ask(page, act, request, form, now)


def attempt(
    page: ReadOnly, act: Act, target: Any, data: dict[str, Any], *, seen: str, actor: Actor, now: datetime
) -> Words | Refused:
    """Do the act to one object, unless it is not as `seen`, or the room refuses; a refusal is recorded."""
    try:
        if target is None:
            return act.perform(None, data, actor=actor, now=now)
        if not act.holds_row and act.hold is None:
            page.require_unchanged(page.fresh(target.pk), seen)
            return act.perform(target, data, actor=actor, now=now)
        with transaction.atomic():
            if act.hold is not None:
                act.hold(target)
            held = page.fresh(target.pk, for_update=act.hold is None)
            page.require_unchanged(held, seen)
            return act.perform(held, data, actor=actor, now=now)
    except seeing.Changed as fact:
        refused = Refused(_("Not done, it changed since you looked: %(what)s.") % {"what": fact.what})
    except ObjectDoesNotExist:
        refused = Refused(_("Not done, it is not there any more."))
    except tuple(act.refusals) as fact:
        words = next(act.refusals[kind] for kind in type(fact).__mro__ if kind in act.refusals)
        refused = Refused(str(words) or str(fact))
    about = (page.audited_as, target.pk) if target is not None else ("page", page.opts.label_lower)
    after: dict[str, object] = {"act": act.name, "because": refused.because}
    audit.record(actor=actor, action="act.refused", target=about, now=now, before=None, after=after)
    return refused


def _targets(page: ReadOnly, act: Act, ids: Sequence[str]) -> list[Any]:
    if act.takes is Takes.NOTHING:
        return []
    try:
        found = [page.fresh(each) for each in ids[:MOST_AT_ONCE]]
    except (ObjectDoesNotExist, ValidationError, ValueError):
        raise Http404 from None
    if not found or (len(found) > 1 and act.takes is Takes.ONE):
        raise Http404
    return found


def _ask(page: ReadOnly, act: Act, request: HttpRequest, form: ActForm, now: datetime) -> HttpResponse:
    targets = form.targets
    context = {
        **page.admin_site.each_context(request),
        "title": act.label,
        "opts": page.opts,
        "act": act,
        "form": form,
        "targets": targets,
        "explanation": act.explain(targets, now) if act.explain else "",
        "changes": _changes(page, targets, request.GET.get("seen", "")),
        "seen": request.POST.get("seen") or page.stamp(targets, now),
        "back": _back(page, targets),
    }
    template = "staff/act_dialog.html" if "HX-Request" in request.headers else "staff/act.html"
    return TemplateResponse(request, template, context)


def _changes(page: ReadOnly, targets: Sequence[Any], seen: str) -> list[str]:
    """What moved between the page that offered the act and its form."""
    found = []
    for target in targets if seen else []:
        try:
            page.require_unchanged(target, seen)
        except seeing.Changed as fact:
            found.append(fact.what)
    return found


def _tell(request: HttpRequest, outcomes: Sequence[tuple[Any, Words | Refused]]) -> None:
    several = len(outcomes) > 1
    for target, outcome in outcomes:
        name = f"{target}: " if several else ""
        if isinstance(outcome, Refused):
            messages.error(request, f"{name}{outcome.because}")
        elif isinstance(outcome, Trouble):
            messages.warning(request, f"{name}{outcome}")
        else:
            messages.success(request, f"{name}{outcome}")


def _leave(page: ReadOnly, request: HttpRequest, targets: Sequence[Any]) -> HttpResponse:
    """Back to where it can be seen what became of it; by a header where htmx asked for the dialog."""
    there = _back(page, targets)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": there})
    return HttpResponseRedirect(there)


def _back(page: ReadOnly, targets: Sequence[Any]) -> str:
    return page.address_of(targets[0].pk) if len(targets) == 1 else page.address_of_list()
