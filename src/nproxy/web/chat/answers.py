"""Answers that the chat's views share: words for what was refused, and where to look after a form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from nproxy.web import words
from nproxy.web.chat.sending import BadForm
from nproxy.web.signed_in import View, by_script

# What the words of an answer are known for.
REFUSALS: tuple[type[Exception], ...] = (BadForm, *words.EXPLAINED)
Redraw = Callable[[HttpRequest, int], HttpResponse]


def refused(request: HttpRequest, fact: Exception, redraw: Redraw) -> HttpResponse:
    """A refusal (one of `REFUSALS`): status, code and words by field for programs, a redrawn page for browsers."""
    status, code, errors = (400, "invalid", fact.errors) if isinstance(fact, BadForm) else words.refusal(fact)
    way_out = words.WAYS_OUT.get(code)
    if by_script(request):
        link = {"link": {"url": way_out[0], "text": str(way_out[1])}} if way_out else {}
        return JsonResponse({"errors": errors, "code": code} | link, status=status)
    for sentences in errors.values():
        text = " ".join(sentences)
        messages.error(request, format_html('{} <a href="{}">{}</a>', text, *way_out) if way_out else text)
    return redraw(request, status)


def see_other(path: str) -> HttpResponse:
    """After a form: look there with GET."""
    response = HttpResponseRedirect(path)
    response.status_code = 303
    return response


def done(request: HttpRequest, body: dict[str, object]) -> HttpResponse:
    """What was done: for programs `body`, for browsers the page that they were on."""
    return JsonResponse(body) if by_script(request) else back(request)


def back(request: HttpRequest, _status: int = 303) -> HttpResponse:
    """To the page of ours that the form stood on, else to the chat."""
    path = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return see_other(path if ours else "/chat/")


def tell_deleted(request: HttpRequest, words: str, now: datetime) -> None:
    """After a form: say that it is gone, with a button that has it back (its form is in components/live.html)."""
    button = (
        '{} <button class="button-link" form="token" formmethod="post" formaction="/undo/"'
        ' name="undo" value="{}">{}</button>'
    )
    messages.info(request, format_html(button, words, now.isoformat(), _("Undo")))


def explains_refusals(view: View) -> View:
    """A view whose refusals become JSON for programs, and words on the page one came from for browsers."""

    @wraps(view)
    def explaining(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except REFUSALS as fact:
            return refused(request, fact, back)

    return explaining
