"""What allauth asks of this site: mails by our queue, links by our own address, staff and passwords audited."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context, ratelimit
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries as people
from nproxy.accounts.rules import normal_email
from nproxy.audit.rules import Actor
from nproxy.kit.ids import new_id
from nproxy.kit.languages import spoken
from nproxy.notifications import actions as notifications
from nproxy.web.account.mails import LETTERS, address


def acting(user: AbstractBaseUser) -> Actor:
    """The person behind the request that is being answered."""
    origin = get_adapter().get_client_ip(context.request)
    return Actor(kind="person", id=str(user.pk), name=user.get_username(), origin=origin)


class Adapter(DefaultAccountAdapter):
    """allauth's hooks (django-allauth 65, `account/adapter.py`)."""

    error_messages = {  # noqa: RUF012  # allauth declares it without ClassVar
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This e-mail and this password do not belong together."),
        "enter_current_password": _("This is not your current password."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
    }

    def is_safe_url(self, url: str) -> bool:
        """Only paths on this site: no other host, however it is spelt."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return address("account_confirm_email", emailconfirmation.key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return address("account_reset_password_from_key", *key.split("-", 1))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Owe the mail: its row and its job are written with whatever caused it."""
        kind, key = template_prefix.rpartition("/")[2], f"account:{new_id()}"
        # The account's own language, whatever browser this was asked for in.
        user = context.get("user")
        with spoken((user and user.language) or get_language() or ""):
            letter = LETTERS[kind](context)
            notifications.send_letter(key=key, kind=kind, recipient=email, letter=letter, now=timezone.now())

    def new_user(self, request: HttpRequest) -> Any:
        """Whoever registers is spoken to, and written to, as on the page where they did."""
        user: Any = super().new_user(request)
        user.language = get_language() or ""
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Fewer tries for the addresses of operators, however many addresses they are tried from."""
        super().pre_authenticate(request, **credentials)
        email = normal_email(credentials.get("email", ""))
        found = people.find(email)
        if found and found.role and not ratelimit.consume(request, action="staff_login", key=email):
            raise self.validation_error("too_many_login_attempts")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not from somebody who has just signed in."""
        request = context.request
        signed_in = [float(each["at"]) for each in get_authentication_records(request, request.user)]
        if signed_in and time.time() - max(signed_in) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app))

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        actor = acting(user)
        accounts.record_sign_in(email=actor.name, succeeded=True, actor=actor, now=timezone.now())
        ratelimit.clear(request, action="staff_login", key=actor.name)
        return super().post_login(request, user, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email = credentials.get("email", "")
        actor = Actor(kind="person", name=email, origin=self.get_client_ip(request))
        accounts.record_sign_in(email=email, succeeded=False, actor=actor, now=timezone.now())

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """For the change form and the reset form."""
        accounts.set_password(user_id=user.pk, password=password, actor=acting(user), now=timezone.now())
        user.refresh_from_db(fields=["password"])
