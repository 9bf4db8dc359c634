"""Callbacks come in: verified, stored, answered. What they mean is found out later, by asking the processor."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.billing import changes, jobs
from nproxy.billing.actions.refusal import Refused
from nproxy.billing.models import Observation, PaymentEvent, QuarantinedEvent
from nproxy.billing.processors import processor
from nproxy.billing.rules.signature import HEADER, MAX_BYTES
from nproxy.kit.ids import new_id
from nproxy.kit.locks import lock_for_transaction

QUARANTINE_ROWS = 1000
QUARANTINE_PER_ADDRESS = 20
QUARANTINE_WINDOW = timedelta(hours=1)
QUARANTINE_DAYS = timedelta(days=30)
# How long what the processor said word for word is kept; what we read from it stays.
BODY_DAYS = timedelta(days=180)
_SIGNATURE_LENGTH = 256


class UnknownEvent(Refused):
    pass


class Received(StrEnum):
    """What became of a callback. `LIMITED`: not confirmed, and too many such came from this address."""

    STORED = "stored"
    QUARANTINED = "quarantined"
    LIMITED = "limited"
    TOO_LARGE = "too_large"
    NO_SECRET = "no_secret"  # noqa: S105 - a result's name


def receive_event(*, body: bytes, headers: Mapping[str, str], address: str, now: datetime) -> Received:
    """Take in a callback, byte for byte as it came; `address` is the sender's. Never talks to the processor.

    A good one is stored once, however often it comes, and a job reads the payment that it names.
    """
    if len(body) > MAX_BYTES:
        return Received.TOO_LARGE
    secrets = settings.NPROXY_NOWPAYMENTS_IPN_SECRET
    if not any(secret.strip() for secret in secrets):
        return Received.NO_SECRET
    given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    signature = given.strip()[:_SIGNATURE_LENGTH].replace("\x00", "")
    if processor().verify(body, headers, secrets):
        _store(body, signature, address, now)
        return Received.STORED
    return _quarantine(body, signature, address, now)


@transaction.atomic
def _store(body: bytes, signature: str, address: str, now: datetime) -> UUID:
    """The event's id, of the earlier one when it came before; only a new one makes work."""
    event, is_new = PaymentEvent.objects.get_or_create(
        processor=processor().name,
        digest=hashlib.sha256(body).hexdigest(),
        defaults={
            "id": new_id(),
            "body": body,
            "signature": signature,
            "address": address[:64],
            "received_at": now,
        },
    )
    if is_new:
        jobs.handle(event.pk)
    return event.pk


def _quarantine(body: bytes, signature: str, address: str, now: datetime) -> Received:
    # Before anything is locked: a flood of forgeries costs one small query each, and stands in nobody's way.
    if _sends_too_much(address, now):
        return Received.LIMITED
    return _keep(body, signature, address, now)


def _sends_too_much(address: str, now: datetime) -> bool:
    recent = QuarantinedEvent.objects.filter(received_at__gt=now - QUARANTINE_WINDOW)
    return recent.filter(address=address[:64]).count() >= QUARANTINE_PER_ADDRESS


@transaction.atomic
def _keep(body: bytes, signature: str, address: str, now: datetime) -> Received:
    lock_for_transaction("quarantine", 0)
    if _sends_too_much(address, now):
        return Received.LIMITED
    rows = QuarantinedEvent.objects
    rows.get_or_create(
        processor=processor().name,
        digest=hashlib.sha256(body).hexdigest(),
        signature=signature,
        defaults={"id": new_id(), "body": body, "address": address[:64], "received_at": now},
    )
    # UUIDv7: the newest have the greatest ids.
    rows.filter(pk__in=rows.order_by("-id").values("pk")[QUARANTINE_ROWS:]).delete()
    changes.alert_hourly(
        kind="payments.bad_signature",
        text=f"A callback from {address} has a signature that does not fit. If the payment processor sent it, compare"
        " NPROXY_NOWPAYMENTS_IPN_SECRET with its dashboard; `nproxy payments list --events` shows what was kept.",
        now=now,
    )
    return Received.QUARANTINED


@transaction.atomic
def replay(*, event_id: UUID, actor: Actor, now: datetime) -> Received:
    """Follow a stored callback again. A quarantined one is verified anew first, and stored if it passes now.

    Raises UnknownEvent.
    """
    event = PaymentEvent.objects.select_for_update().filter(pk=event_id).first()
    if event is not None:
        was_handled = event.handled_at and event.handled_at.isoformat()
        PaymentEvent.objects.filter(pk=event_id).update(handled_at=None, outcome="")
        jobs.handle(event_id)
        before: dict[str, object] = {"handled_at": was_handled, "outcome": event.outcome}
        _record_replay(event_id, before, {"handled_at": None, "outcome": ""}, actor, now)
        return Received.STORED
    received = _release(event_id, now)
    _record_replay(event_id, {"became": Received.QUARANTINED}, {"became": received}, actor, now)
    return received


def _release(event_id: UUID, now: datetime) -> Received:
    """Out of quarantine, if the signature fits now."""
    held = QuarantinedEvent.objects.select_for_update().filter(pk=event_id).first()
    if held is None:
        raise UnknownEvent(event_id)
    body = bytes(held.body)
    if not processor().verify(body, {HEADER: held.signature}, settings.NPROXY_NOWPAYMENTS_IPN_SECRET):
        return Received.QUARANTINED
    _store(body, held.signature, held.address, now)
    held.delete()
    return Received.STORED


def _record_replay(
    event_id: UUID, before: dict[str, object], after: dict[str, object], actor: Actor, now: datetime
) -> None:
    audit.record(
        actor=actor,
        action="payment_event.replayed",
        target=("payment_event", event_id),
        now=now,
        before=before,
        after=after,
    )


def forget_old_bodies(*, now: datetime) -> int:
    """Drop quarantine after a month, and blank what came word for word after half a year; how many. By the clock."""
    dropped, _ = QuarantinedEvent.objects.filter(received_at__lt=now - QUARANTINE_DAYS).delete()
    old = now - BODY_DAYS
    blanked = PaymentEvent.objects.filter(received_at__lt=old).exclude(body=b"").update(body=b"")
    blanked += Observation.objects.filter(observed_at__lt=old).exclude(raw="").update(raw="")
    return dropped + blanked
