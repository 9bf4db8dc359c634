"""allauth's forms with the field names of the outer contract: one `password`, never typed twice."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nproxy.accounts import actions as accounts
from nproxy.accounts.rules import LONGEST_EMAIL
from nproxy.web.account.adapter import acting

TOO_LONG = _("This is too long: an e-mail address has at most 254 characters.")


class OurFields(forms.Form):
    """Labels instead of placeholders; allauth's `password1` is `password` outside, and has no twin."""

    # The field that says who this is, for password managers.
    who: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
        if "password1" in self.fields:
            self.fields["password1"].help_text = _("At least 10 characters. A few words are best.")
        if self.who:
            self.fields[self.who].label = _("E-mail")
            self.fields[self.who].widget.attrs["autocomplete"] = "username"
            self.fields[self.who].validators.append(MaxLengthValidator(LONGEST_EMAIL, TOO_LONG))

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("password" if field_name == "password1" else field_name)


class LoginForm(OurFields, allauth.LoginForm):
    who = "login"


class RegisterForm(OurFields, allauth.SignupForm):  # type: ignore[misc]  # allauth's clean() answers a narrower type
    who = "email"

    def try_save(self, request: HttpRequest) -> Any:
        """As allauth does it, but hash the password of a known address too: the clock must not tell."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ForgottenPasswordForm(OurFields, allauth.ResetPasswordForm):
    who = "email"


class NewPasswordForm(OurFields, allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")

    def save(self) -> None:
        """Whoever holds the link reads the mailbox: the address is confirmed with it."""
        super().save()
        accounts.confirm_email(user_id=self.user.pk, actor=acting(self.user), now=timezone.now())


class ChangePasswordForm(OurFields, allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
