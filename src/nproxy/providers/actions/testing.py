"""Trying one key or proxy by hand: by its id, never through the round robin, without a say in its health."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.kit.threads import in_database
from nproxy.providers.actions.calling import by_each_way, opened_key, opened_proxy
from nproxy.providers.actions.keeping import UnknownKey
from nproxy.providers.actions.proxying import UnknownProxy, checked_address
from nproxy.providers.adapters import ADAPTERS
from nproxy.providers.models import ProviderKey, Proxy
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.providers.rules.proxies import GO_AROUND

SAMPLE = DrawRequest(
    prompt="One ripe banana on a plain pale background.", resolution="1K", aspect_ratio="1:1"
)


@dataclass(frozen=True, slots=True)
class KeyTest:
    """`image_bytes` is 0 unless a picture was drawn, `via` the proxy that it went through in the end, "" for
    none. `detail` is for operators, redacted."""

    classified: Classified
    seconds: float
    image_bytes: int = 0
    via: str = ""

    @property
    def is_ok(self) -> bool:
        return self.verdict is Verdict.SUCCESS

    @property
    def verdict(self) -> Verdict:
        return self.classified.verdict

    @property
    def detail(self) -> str:
        return self.classified.detail


@dataclass(frozen=True, slots=True)
class ProxyTest:
    """What one provider's door says through a proxy. `detail` is for operators, redacted."""

    provider: str
    is_ok: bool
    detail: str
    seconds: float


async def test_key(
    *, key_id: int, actor: Actor, now: datetime, draw: bool = False, within: float | None = None
) -> KeyTest:
    """List models with the key, which costs nothing and proves no money; with `draw`, draw a real picture.

    By its proxy first, as a picture would go; given up after `within` seconds. Audited. Raises `UnknownKey`,
    `kit.secrets.WrongEncryptionKey`, `kit.secrets.SealBroken`.
    """
    key = await in_database(_find, key_id)
    secret = opened_key(key)

    async def ask(proxy: ProxyAddress | None) -> KeyTest:
        began, via = time.perf_counter(), key.proxy.name if key.proxy and proxy else ""
        adapter = ADAPTERS[key.provider]
        if draw:
            outcome = await adapter.draw(SAMPLE, secret=secret, started_at=now, proxy=proxy)
            return KeyTest(outcome.classified, outcome.seconds, len(outcome.image or b""), via)
        classified = await adapter.probe(secret=secret, started_at=now, proxy=proxy)
        return KeyTest(classified, time.perf_counter() - began, via=via)

    try:
        async with asyncio.timeout(within):
            test = await by_each_way(key, ask)
    except TimeoutError:
        test = KeyTest(too_slow(within), within or 0)
    await in_database(_record, key_id, test, was_drawn=draw, actor=actor, now=now)
    return test


async def test_proxy(
    *, name: str, actor: Actor, now: datetime, within: float | None = None
) -> list[ProxyTest]:
    """Knock at each provider through the proxy, with a key that nobody has: any answer `within` seconds proves the path.

    Changes nothing about the proxy. Audited. Raises `UnknownProxy`, `kit.secrets.WrongEncryptionKey`, `kit.secrets.SealBroken`.
    """
    proxy_id, address = await in_database(_find_proxy, name)
    ends = await _knock_everywhere(address, now, within)
    await in_database(_record_proxy, proxy_id, ends, actor=actor, now=now)
    return ends


async def try_address(*, url: str, now: datetime, within: float | None = None) -> list[ProxyTest]:
    """`test_proxy` for an address that is not in use yet. Raises `BadProxy`."""
    return await _knock_everywhere(checked_address(url), now, within)


async def _knock_everywhere(address: ProxyAddress, now: datetime, within: float | None) -> list[ProxyTest]:
    knocks = (_knock(provider, address, now, within) for provider in sorted(ADAPTERS))
    return list(await asyncio.gather(*knocks))


async def _knock(provider: str, address: ProxyAddress, now: datetime, within: float | None) -> ProxyTest:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(within):
            classified = await ADAPTERS[provider].probe(secret="nobody", started_at=now, proxy=address)  # noqa: S106 - no secret
    except TimeoutError:
        classified = too_slow(within)
    seconds = time.perf_counter() - began
    is_ok = classified.verdict is Verdict.KEY_REJECTED  # the provider itself has looked at the key
    is_ok = is_ok or classified.verdict not in GO_AROUND | {Verdict.RETRYABLE}
    return ProxyTest(provider, is_ok, "it answers" if is_ok else classified.detail, seconds)


def too_slow(within: float | None) -> Classified:
    """Of a call that was given up, because somebody waits for what it says."""
    return Classified(Verdict.RETRYABLE, detail=f"no answer within {within:.0f} s")


def _find(key_id: int) -> ProviderKey:
    key = ProviderKey.objects.select_related("proxy").filter(id=key_id).first()
    if key is None:
        raise UnknownKey
    return key


def _find_proxy(name: str) -> tuple[int, ProxyAddress]:
    proxy = Proxy.objects.filter(name=name).first()
    if proxy is None:
        raise UnknownProxy
    return proxy.pk, opened_proxy(name, bytes(proxy.sealed_url))


def _record_proxy(proxy_id: int, ends: list[ProxyTest], *, actor: Actor, now: datetime) -> None:
    after: dict[str, object] = {end.provider: end.detail for end in ends}
    target = ("proxy", proxy_id)
    audit.record(actor=actor, action="proxy.tested", target=target, now=now, before=None, after=after)


def _record(key_id: int, test: KeyTest, *, was_drawn: bool, actor: Actor, now: datetime) -> None:
    after: dict[str, object] = {"draw": was_drawn, "verdict": test.verdict.value, "detail": test.detail}
    target = ("key", key_id)
    audit.record(actor=actor, action="key.tested", target=target, now=now, before=None, after=after)
