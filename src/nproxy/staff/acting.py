"""Carrying out an act that a page offers: who may, is it still as they saw it, do it, say how it went.

Whatever is refused is in the audit log as well (`act.refused`; forged forms and missing rights: `doors.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from nproxy.accounts.models import User
from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.staff import asking, seeing
from nproxy.staff.acts import Act, ActForm, Perform, Refused, Takes, Trouble, Words
from nproxy.staff.refusing import refused

if TYPE_CHECKING:
    from nproxy.staff.reading import ReadOnly

MOST_AT_ONCE = 200


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
        seen, actor, data = request.POST.get("seen", ""), acting(request), form.cleaned_data
        if act.asks:
            outcomes = asking.ask(page, act, targets, data, seen=seen, actor=actor, now=now)
        else:
            outcomes = [
                attempt(page, act, target, data, seen=seen, actor=actor, now=now)
                for target in targets or [None]
            ]
        _tell(request, list(zip(targets or [None], outcomes, strict=True)))
        return _leave(page, request, targets)
    return _ask(page, act, request, form, now)


def attempt(
    page: ReadOnly, act: Act, target: Any, data: dict[str, Any], *, seen: str, actor: Actor, now: datetime
) -> Words | Refused:
    """Do the act to one object, unless it is not as `seen`, or the room refuses; a refusal is recorded."""
    perform = cast("Perform", act.perform)
    foreseen: tuple[type[Exception], ...] = (seeing.Changed, ObjectDoesNotExist, *act.refusals)
    try:
        if target is None:
            return perform(None, data, actor=actor, now=now)
        if act.prepare is not None:
            page.require_unchanged(page.fresh(target.pk), seen)
            act.prepare(target, data, now)
        with transaction.atomic():
            if act.hold is not None:
                act.hold(target, data)
            held = page.fresh(target.pk, for_update=act.hold is None)
            page.require_unchanged(held, seen)
            return perform(held, data, actor=actor, now=now)
    except foreseen as fact:
        return refused(page, act, target, fact, actor=actor, now=now)


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
