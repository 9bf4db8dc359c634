"""What an operator is told when an attempt has changed a key, or has met something that no key can help."""

from __future__ import annotations

from dataclasses import dataclass

from nproxy.providers.rules.health import MANUAL_REVIEW, OUT_OF_FUNDS, KeyHealth
from nproxy.providers.rules.verdict import Classified, Verdict


@dataclass(frozen=True, slots=True)
class News:
    """An alert's `kind` (dotted), its severity and its text, which holds no secret."""

    kind: str
    severity: str
    text: str


def news(name: str, classified: Classified, before: KeyHealth, after: KeyHealth) -> News | None:
    """What to tell about the key called `name`; None when nothing happened to it."""
    if classified.verdict is Verdict.MISCONFIGURED:
        text = f"{name}: our request was refused as wrong. {classified.detail}"
        return News("keys.misconfigured", "critical", text)
    if classified.verdict is Verdict.ROUTE_BLOCKED:
        return News("keys.route_blocked", "warning", f"{name}: our address was refused. {classified.detail}")
    if after.state != before.state and after.state == OUT_OF_FUNDS:
        return News("keys.out_of_funds", "warning", f"{name} is out of funds. {classified.detail}")
    if after.state != before.state and after.state == MANUAL_REVIEW:
        return News("keys.manual_review", "warning", f"{name} needs a look. {after.state_reason}")
    if after.cooldown_until and after.cooldown_until != before.cooldown_until:
        until = f"{after.cooldown_until:%Y-%m-%d %H:%M:%S} UTC"
        return News("keys.cooldown", "info", f"{name} cools down until {until}. {classified.detail}")
    return None
