"""Who acts: a value that every verb takes and every audit entry keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is `person`, `operator`, `telegram`, `cli` or `system`; `origin` says from where (address, host)."""

    kind: str
    id: str = ""
    name: str = ""
    origin: str = ""


SYSTEM = Actor(kind="system", name="nproxy")


def as_operator(actor: Actor) -> Actor:
    """Somebody with a role who acts on the site's own pages is still an operator."""
    return replace(actor, kind="operator") if actor.kind == "person" else actor
