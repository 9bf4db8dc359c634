"""Many keys at a time: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from nproxy.audit.rules import Actor
from nproxy.providers.actions.keeping import BadKey, DuplicateKey, LabelTaken, add_key


class NotAdded(Exception):
    """One of the keys is refused, so none was added. `number` counts from 1; the message says what is wrong with
    it, never what was given."""

    def __init__(self, number: int, because: str) -> None:
        super().__init__(because)
        self.number = number


@transaction.atomic
def add_keys(
    *,
    provider: str,
    given: Sequence[tuple[str, str]],
    actor: Actor,
    now: datetime,
    account: str = "",
    proxy: str = "",
) -> list[int]:
    """Put (label, secret) pairs into the pool; returns their ids. See `add_key`.

    Raises `NotAdded`, `UnknownProvider`, `UnknownProxy`.
    """
    added = []
    for number, (label, secret) in enumerate(given, 1):
        try:
            added.append(
                add_key(
                    provider=provider,
                    label=label,
                    secret=secret,
                    account=account,
                    proxy=proxy,
                    actor=actor,
                    now=now,
                )
            )
        except (BadKey, LabelTaken, DuplicateKey) as error:
            raise NotAdded(number, str(error)) from error
    return added
