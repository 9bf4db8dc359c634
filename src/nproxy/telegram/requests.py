"""The request that a typed code stands for, and what may be wrong with the code."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from nproxy.telegram.models import Pairing
from nproxy.telegram.rules.codes import as_typed, code_for, matching

# So long a code that ran out, or was used, is told to be just that.
REMEMBERED = timedelta(days=7)


class UnknownCode(Exception):
    """Nobody was told this code."""


class CodeExpired(Exception):
    """The hour is over."""


class CodeUsed(Exception):
    """It was used before."""


def find(code: str, now: datetime) -> Pairing:
    """The request that waits for this code. Raises UnknownCode, CodeExpired, CodeUsed."""
    recent = {one.pk: one for one in Pairing.objects.filter(requested_at__gt=now - REMEMBERED)}
    found = matching(as_typed(code), [(pk, code_for(pk, secret())) for pk in recent])
    if found is None:
        raise UnknownCode
    request = recent[found]
    if request.state != Pairing.State.PENDING:
        raise CodeUsed
    if now >= request.expires_at:
        raise CodeExpired
    return request


def secret() -> bytes:
    """What codes and invitations are derived with."""
    return settings.NPROXY_SECRET_KEY.encode()
