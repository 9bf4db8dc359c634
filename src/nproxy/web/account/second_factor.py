"""The second factor, by allauth.mfa: its secrets sealed like all others, its changes and failures audited."""

from __future__ import annotations

import io
import time
from typing import Any

import segno
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib.auth.base_user import AbstractBaseUser
from django.dispatch import receiver
from django.forms import Form
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nproxy.accounts import actions as accounts
from nproxy.web.account.adapter import acting


class Adapter(DefaultMFAAdapter):
    """allauth's hooks (django-allauth 65, `mfa/adapter.py`)."""

    error_messages = {  # noqa: RUF012  # allauth declares it without ClassVar
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Codes change every 30 seconds, and each works once."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return accounts.seal_second_factor(text)

    def decrypt(self, encrypted_text: str) -> str:
        return accounts.open_second_factor(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        picture = io.BytesIO()
        # As a file of its own, namespace and all: the page shows it as an image.
        segno.make_qr(url).save(picture, kind="svg", scale=5, border=2, light="white")
        return picture.getvalue().decode()


class ActivateTotp(ActivateTOTPView):
    def form_valid(self, form: Form) -> HttpResponse:
        """Whoever has just typed a right code has proven it for this session too."""
        response: HttpResponse = super().form_valid(form)
        session = self.request.session
        record = {"method": "mfa", "type": "totp", "at": time.time()}
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            *session.get(AUTHENTICATION_METHODS_SESSION_KEY, []),
            record,
        ]
        return response


def _changed(change: str, user: AbstractBaseUser) -> None:
    accounts.record_second_factor(user_id=user.pk, change=change, actor=acting(user), now=timezone.now())


@receiver(signals.authenticator_added)
def _added(user: AbstractBaseUser, authenticator: Authenticator, **_kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _changed("added", user)


@receiver(signals.authenticator_removed)
def _removed(user: AbstractBaseUser, authenticator: Authenticator, **_kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _changed("removed", user)


@receiver(signals.authenticator_reset)
def _reset(user: AbstractBaseUser, **_kwargs: Any) -> None:
    _changed("codes_renewed", user)


@receiver(signals.authentication_failed)
def _failed(user: AbstractBaseUser, **_kwargs: Any) -> None:
    accounts.record_sign_in(
        email=user.get_username(), succeeded=False, actor=acting(user), now=timezone.now()
    )
