"""The call itself: between lease and report, outside any transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import structlog

from nproxy.kit import secrets
from nproxy.kit.http import proxies, sessions
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.kit.redaction import redact
from nproxy.providers.adapters import ADAPTERS
from nproxy.providers.models import ProviderKey, Proxy
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.providers.rules.attempt import Lease, Outcome
from nproxy.providers.rules.proxies import GO_AROUND

log = structlog.get_logger(__name__)


class Ended(Protocol):
    """Whatever says how a call ended."""

    @property
    def classified(self) -> Classified: ...


E = TypeVar("E", bound=Ended)


async def call(lease: Lease, request: DrawRequest) -> Outcome:
    """Ask the leased key's provider for one picture, over the lease's route. Whatever goes wrong is an
    outcome, never an exception. The room that a picture takes in memory stays with the running task.

    What nobody foresaw is `misconfigured`: no key is to blame, and trying them all would not help.
    """
    secret = ""
    try:
        secret = secrets.open_sealed(lease.sealed_secret, place=place_of(lease.fingerprint))
        proxy = None if lease.sealed_proxy is None else opened_proxy(lease.proxy_name, lease.sealed_proxy)
        outcome = await ADAPTERS[lease.provider].draw(
            request, secret=secret, started_at=lease.started_at, proxy=proxy
        )
    except (secrets.WrongEncryptionKey, secrets.SealBroken) as error:
        verdict = Verdict.PROXY_FAILED if secret else Verdict.KEY_REJECTED  # whichever did not open
        outcome = Outcome(Classified(verdict, detail=redact(str(error))))
    except Exception as error:  # noqa: BLE001 - whatever it is, the attempt must be closed
        detail = redact(f"{type(error).__name__}: {error}", secret=secret)
        log.error("call failed on our side", key=lease.label, error=detail)  # noqa: TRY400 - a traceback may hold it
        outcome = Outcome(Classified(Verdict.MISCONFIGURED, detail=detail))
    if outcome.image is None:
        sessions.gate().leave()
    return outcome


def place_of(fingerprint: str) -> str:
    """What a key's sealed secret is bound to: moved to another row, it does not open."""
    return f"provider_key:{fingerprint}"


def place_of_proxy(name: str) -> str:
    """What a proxy's sealed URL is bound to."""
    return f"proxy:{name}"


def opened_proxy(name: str, sealed_url: bytes) -> ProxyAddress:
    """The address of the proxy called `name`. Raises `kit.secrets.WrongEncryptionKey`, `SealBroken`."""
    return proxies.parse(secrets.open_sealed(sealed_url, place=place_of_proxy(name)))


def opened_key(key: ProviderKey) -> str:
    """The key's secret. Raises `kit.secrets.WrongEncryptionKey`, `SealBroken`."""
    return secrets.open_sealed(bytes(key.sealed_secret), place=place_of(key.fingerprint))


async def by_each_way(key: ProviderKey, ask: Callable[[ProxyAddress | None], Awaitable[E]]) -> E:
    """The answer to `ask` by the key's proxy, else directly when its path failed and it may be gone around.

    For calls outside the round robin. Raises `kit.secrets.WrongEncryptionKey`, `SealBroken`.
    """
    proxy: Proxy | None = key.proxy
    if proxy is None:
        return await ask(None)
    ended = await ask(opened_proxy(proxy.name, bytes(proxy.sealed_url)))
    if proxy.is_required or ended.classified.verdict not in GO_AROUND:
        return ended
    return await ask(None)
