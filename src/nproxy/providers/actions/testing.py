"""Trying one key by hand: by its id, never through the round robin, without a say in its health."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.kit.threads import in_database
from nproxy.providers.actions.calling import place_of
from nproxy.providers.actions.keeping import UnknownKey
from nproxy.providers.adapters import ADAPTERS, Adapter
from nproxy.providers.models import ProviderKey
from nproxy.providers.rules import DrawRequest, Verdict

SAMPLE = DrawRequest(
    prompt="One ripe banana on a plain pale background.", resolution="1K", aspect_ratio="1:1"
)


@dataclass(frozen=True, slots=True)
class KeyTest:
    """`image_bytes` is 0 unless a picture was drawn. `detail` is for operators, redacted."""

    is_ok: bool
    verdict: Verdict
    detail: str
    seconds: float
    image_bytes: int = 0


async def test_key(
    *,
    key_id: int,
    actor: Actor,
    now: datetime,
    draw: bool = False,
) -> KeyTest:
    """List models with the key, which costs nothing and proves no money; with `draw`, draw a real picture.

    Audited. Raises `UnknownKey`, `kit.secrets.WrongEncryptionKey`, `kit.secrets.SealBroken`.
    """
    key = await in_database(_find, key_id)
    secret = secrets.open_sealed(bytes(key.sealed_secret), place=place_of(key.fingerprint))
    adapter = ADAPTERS[key.provider]
    test = await (_drawn if draw else _listed)(adapter, secret, now)
    await in_database(_record, key_id, test, was_drawn=draw, actor=actor, now=now)
    return test


async def _listed(adapter: Adapter, secret: str, now: datetime) -> KeyTest:
    began = time.perf_counter()
    classified = await adapter.probe(secret=secret, started_at=now)
    is_ok = classified.verdict is Verdict.SUCCESS
    return KeyTest(is_ok, classified.verdict, classified.detail, time.perf_counter() - began)


async def _drawn(adapter: Adapter, secret: str, now: datetime) -> KeyTest:
    outcome = await adapter.draw(SAMPLE, secret=secret, started_at=now)
    classified, weight = outcome.classified, len(outcome.image or b"")
    return KeyTest(weight > 0, classified.verdict, classified.detail, outcome.seconds, weight)


def _find(key_id: int) -> ProviderKey:
    key = ProviderKey.objects.filter(id=key_id).first()
    if key is None:
        raise UnknownKey
    return key


def _record(key_id: int, test: KeyTest, *, was_drawn: bool, actor: Actor, now: datetime) -> None:
    after: dict[str, object] = {"draw": was_drawn, "verdict": test.verdict.value, "detail": test.detail}
    audit.record(actor=actor, action="key.tested", target=("key", key_id), now=now, after=after)
