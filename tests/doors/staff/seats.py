"""Someone with a role in front of the operators' pages, and what they do there."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from nproxy.accounts.models import User
from nproxy.audit import queries as audit

PASSWORD = "seven purple kettles"
PROMPT = "a very private banana"


@dataclass
class Seat:
    """Someone with a role in front of a browser."""

    user: User
    client: Client = field(default_factory=Client)

    def signs_in(self, *, ago: float = 0) -> Seat:
        """With password and second factor, so many seconds ago."""
        self.client.force_login(self.user)
        session = self.client.session
        session["account_authentication_methods_user"] = str(self.user.pk)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": method, "at": time.time() - ago} for method in ("password", "mfa")
        ]
        session.save()
        return self

    def opens(self, address: str) -> str:
        """The page at `address`, which must be there."""
        response = self.client.get(address)
        assert response.status_code == 200, response
        return response.content.decode()

    def acts(self, address: str, **data: object) -> HttpResponse:
        """Open an act's form, fill it in and send it; the page that follows."""
        return self.sends(address, self.sees(address), **data)

    def sees(self, address: str) -> str:
        """The stamp of what an act's form shows."""
        found = re.search(r'name="seen" value="([^"]+)"', self.opens(address))
        assert found
        return found[1]

    def sends(self, address: str, seen: str, **data: object) -> HttpResponse:
        return self.client.post(address, {"seen": seen, **data}, follow=True)


def address(model: type, pk: object = None, act: str = "") -> str:
    """Of a model's list, of one object, or of an act on it."""
    name = f"admin:{model._meta.label_lower.replace('.', '_')}"
    if act:
        return reverse(f"{name}_{act}", args=[] if pk is None else [pk])
    return reverse(f"{name}_changelist") if pk is None else reverse(f"{name}_change", args=[pk])


def code_of(user: User) -> str:
    """What this person's authenticator app shows now."""
    secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return code_for(secret)


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def recorded(kind: str, target: object) -> list[audit.Entry]:
    """What the audit log has about an object, newest first."""
    return audit.entries(target=(kind, target))
