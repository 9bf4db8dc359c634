"""What survives a restart of the stand-in: each payment with what is still to come of it, one line per change.

The last line about a payment is the one that counts. Callbacks on their way are lost, as with a real outage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from nproxy_sandbox.nowpayments.coins import COINS
from nproxy_sandbox.nowpayments.payment import Payment


@dataclass(frozen=True)
class Kept:
    """A payment, and what was planned for it: when, and which status."""

    payment: Payment
    to_come: list[tuple[datetime, str]]


class Journal:
    """A file that only grows, until the next start writes it anew. Without a path nothing is kept."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def read(self) -> list[Kept]:
        """The payments as they were last, in the order of their numbers."""
        if self._path is None or not self._path.exists():
            return []
        last = {kept.payment.number: kept for kept in _understood(self._path.read_bytes().splitlines())}
        return [last[number] for number in sorted(last)]

    def start_over(self, kept: Iterable[Kept]) -> None:
        """Only these from now on."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(_lines(kept))
        fresh.replace(self._path)

    def add(self, kept: Iterable[Kept]) -> None:
        """These have changed."""
        if self._path is None:
            return
        with self._path.open("ab") as file:
            file.write(_lines(kept))


def _lines(kept: Iterable[Kept]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in kept)


def _understood(lines: Iterable[bytes]) -> Iterator[Kept]:
    """All but a line that was being written when the process died."""
    for line in lines:
        try:
            kept = msgspec.json.decode(line, type=Kept)
        except msgspec.DecodeError:
            continue
        payment = kept.payment
        # Coins are compared by identity.
        payment.coin, payment.payout = COINS[payment.coin.code], COINS[payment.payout.code]
        payment.wanted = replace(payment.wanted, coin=COINS[payment.wanted.coin.code])
        yield kept
