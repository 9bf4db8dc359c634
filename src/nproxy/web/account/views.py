"""allauth's views, each form in one transaction: what it writes and the mails it owes stand or fall together."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import Http404, HttpResponse
from django.views.generic.edit import FormView


class InOneTransaction(FormView):  # type: ignore[type-arg]  # not subscriptable at run time
    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            return super().form_valid(form)


class Register(InOneTransaction, allauth.SignupView):
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except IntegrityError:
            # The same address was registered since the form looked.
            form.account_already_exists = True
            return super().form_valid(form)


class ConfirmEmail(allauth.ConfirmEmailView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().post(*args, **kwargs)
        except Http404:
            # Pressed twice, or an old link: the page explains it.
            return super().get(*args, **kwargs)


class ForgottenPassword(InOneTransaction, allauth.PasswordResetView):
    """Asking for the link."""


class NewPassword(InOneTransaction, allauth.PasswordResetFromKeyView):
    """Behind the link."""


class ChangePassword(InOneTransaction, allauth.PasswordChangeView):
    """For whoever is logged in."""
