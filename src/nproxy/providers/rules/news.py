"""What an operator is told when an attempt or a balance has changed something, or nothing could help."""

from __future__ import annotations

from dataclasses import dataclass

from nproxy.kit.money import MICRO
from nproxy.providers.rules.health import MANUAL_REVIEW, OUT_OF_FUNDS, KeyHealth
from nproxy.providers.rules.proxies import ProxyHealth
from nproxy.providers.rules.verdict import Classified, Verdict


@dataclass(frozen=True, slots=True)
class News:
    """An alert's `kind` (dotted), its severity and its text, which holds no secret; or (`is_over`) its end."""

    kind: str
    severity: str
    text: str
    is_over: bool = False


def news(
    name: str, classified: Classified, before: KeyHealth, after: KeyHealth, *, by_proxy: bool = False
) -> News | None:
    """What to tell about the key called `name`; None when nothing happened to it.

    An address that is refused `by_proxy` is the proxy's news.
    """
    if classified.verdict is Verdict.MISCONFIGURED:
        text = f"{name}: our request was refused as wrong. {classified.detail}"
        return News("keys.misconfigured", "critical", text)
    if classified.verdict is Verdict.ROUTE_BLOCKED and not by_proxy:
        return News("keys.route_blocked", "warning", f"{name}: our address was refused. {classified.detail}")
    if after.state != before.state and after.state == OUT_OF_FUNDS:
        return News("keys.out_of_funds", "warning", f"{name} is out of funds. {classified.detail}")
    if after.state != before.state and after.state == MANUAL_REVIEW:
        return News("keys.manual_review", "warning", f"{name} needs a look. {after.state_reason}")
    if after.cooldown_until and after.cooldown_until != before.cooldown_until:
        until = f"{after.cooldown_until:%Y-%m-%d %H:%M:%S} UTC"
        return News("keys.cooldown", "info", f"{name} cools down until {until}. {classified.detail}")
    return None


def proxy_news(name: str, before: ProxyHealth, after: ProxyHealth) -> News | None:
    """What to tell about the proxy called `name`: that it is skipped from now on, or used again."""
    if before.skipped_at is None and after.skipped_at is not None:
        text = f"Proxy {name} is skipped: {after.failures} routes in a row failed. {after.last_error}"
        return News("proxies.failing", "warning", text)
    if before.skipped_at is not None and after.skipped_at is None:
        return News("proxies.failing", "info", f"Proxy {name} answers again.", is_over=True)
    return None


def balance_news(name: str, before: int | None, after: int | None, threshold: int | None) -> News | None:
    """What to tell when the balance of the key called `name` (millionths of a USD) has just fallen to its
    threshold or below."""
    if threshold is None or after is None or after > threshold:
        return None
    if before is not None and before <= threshold:
        return None
    text = f"{name} has {after / MICRO:.2f} USD left (its threshold is {threshold / MICRO:.2f} USD)."
    return News("keys.low_balance", "warning", text)
