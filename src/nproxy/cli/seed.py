"""What the demo finds in its database: a plan, a user with access, an operator, keys that the sandbox knows."""

from __future__ import annotations

import secrets
from contextlib import suppress

from django.utils import timezone

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries as people
from nproxy.cli.door import actor
from nproxy.providers import actions as providers
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as access

USER = "user@example.com"
OPERATOR = "operator@example.com"
# Provider, number, and how the secret begins: a key of the stand-ins says what it meets.
KEYS = (
    *(("gemini", number, "AQ.sandbox-ok") for number in range(1, 5)),
    ("openrouter", 5, "sk-or-v1-sandbox-ok"),
)


def seed() -> list[str]:
    """Add what is missing, and give both accounts new passwords; the lines to print about them."""
    _ensure_plan()
    user_password = _ensure_person(USER, role="")
    operator_password = _ensure_person(OPERATOR, role="owner")
    _ensure_access()
    _ensure_keys()
    return [f"User: {USER} {user_password}", f"Operator: {OPERATOR} {operator_password}"]


def _ensure_plan() -> None:
    if access.active_plan() is None:
        subscriptions.set_plan(
            name="Studio",
            price_cents=1900,
            request_limit=500,
            sales_text="500 pictures a month, in every size.",
            actor=actor(),
            now=timezone.now(),
        )


def _ensure_person(email: str, *, role: str) -> str:
    """The person's new password. Not a fixed one: a demo may be reachable by others."""
    password = secrets.token_urlsafe(12)
    found = people.find(email)
    if found is None:
        accounts.create_user(
            email=email, password=password, role=role, verified=True, actor=actor(), now=timezone.now()
        )
    else:
        accounts.set_password(user_id=found.id, password=password, actor=actor(), now=timezone.now())
    return password


def _ensure_access() -> None:
    person, now = people.find(USER), timezone.now()
    if person and access.subscription(person.id, now).state in {"none", "expired"}:
        subscriptions.grant(user_id=person.id, months=12, reason="demo", actor=actor(), now=now)


def _ensure_keys() -> None:
    for provider, number, secret in KEYS:
        with suppress(providers.LabelTaken, providers.DuplicateKey):
            providers.add_key(
                provider=provider,
                label=f"sandbox {number}",
                secret=f"{secret}-{number}",
                actor=actor(),
                now=timezone.now(),
            )
