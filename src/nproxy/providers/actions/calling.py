"""The call itself: between lease and report, outside any transaction."""

from __future__ import annotations

import structlog

from nproxy.kit import secrets
from nproxy.providers.adapters import ADAPTERS
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.providers.rules.attempt import Lease, Outcome
from nproxy.providers.rules.redaction import redact

log = structlog.get_logger(__name__)


async def call(lease: Lease, request: DrawRequest) -> Outcome:
    """Ask the leased key's provider for one picture. Whatever goes wrong is an outcome, never an exception.

    What nobody foresaw is `misconfigured`: no key is to blame, and trying them all would not help.
    """
    secret = ""
    try:
        secret = secrets.open_sealed(lease.sealed_secret, place=place_of(lease.fingerprint))
        return await ADAPTERS[lease.provider].draw(request, secret=secret, started_at=lease.started_at)
    except (secrets.WrongEncryptionKey, secrets.SealBroken) as error:
        return Outcome(Classified(Verdict.KEY_REJECTED, detail=redact(str(error))))
    except Exception as error:  # noqa: BLE001 - whatever it is, the attempt must be closed
        detail = redact(f"{type(error).__name__}: {error}", secret=secret)
        log.error("call failed on our side", key=lease.label, error=detail)  # noqa: TRY400 - a traceback may hold it
        return Outcome(Classified(Verdict.MISCONFIGURED, detail=detail))


def place_of(fingerprint: str) -> str:
    """What a key's sealed secret is bound to: moved to another row, it does not open."""
    return f"provider_key:{fingerprint}"
