"""What every payment processor's file offers, and how a call to it can fail.

ProcessorFailed
├── ProcessorBusy      asked too often; `retry_after` says when to come back
├── ProcessorDown      no answer, or none that is understood; `may_have_acted` says whether it can have taken effect
└── ProcessorRefused   an answer, and it is no; `reason` says why
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from nproxy.billing.rules.wire import Coin, CreatedPayment, Hint, Minimum, Observation


class ProcessorFailed(Exception):
    """A call had no result. The message is one line without secrets."""


class ProcessorBusy(ProcessorFailed):
    """The processor wants to be left alone for `retry_after` seconds. The call had no effect."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"asked too often, again in {retry_after:.0f} s")
        self.retry_after = retry_after


class ProcessorDown(ProcessorFailed):
    """The network, the processor, or an answer nobody understands. Asking again later may help.

    `may_have_acted`: the request had left, so a payment may exist whose id we did not get to know.
    """

    def __init__(self, detail: str, *, may_have_acted: bool) -> None:
        super().__init__(detail)
        self.may_have_acted = may_have_acted


class Reason(StrEnum):
    """Why a processor said no."""

    BELOW_MINIMUM = "below_minimum"
    COIN_UNAVAILABLE = "coin_unavailable"
    UNKNOWN_PAYMENT = "unknown_payment"
    KEY_REJECTED = "key_rejected"
    OTHER = "other"


class ProcessorRefused(ProcessorFailed):
    """The processor answered no; the same call again will not help. The call had no effect."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason.value)
        self.reason = reason


class Processor(Protocol):
    """One processor, reached with a server key only: nothing here can move money.

    There is no list of payments and no search by our own id (that needs the dashboard's password): a payment whose
    create answer was lost becomes known by its callback alone. Every method that is awaited raises ProcessorFailed,
    and none belongs into a transaction.
    """

    name: str

    @property
    def key_fingerprint(self) -> str:
        """Tells which API key made a payment: no other key can read it. Reveals nothing of the key."""

    async def coins(self) -> list[Coin]:
        """The coins that the operator lists and the processor takes now, in the operator's order."""

    async def minimum(self, coin: str) -> Minimum:
        """The least that can be paid in `coin`, our payout coin considered. It moves with network fees."""

    async def create(
        self, *, attempt_ref: str, price_cents: int, coin: str, callback_url: str
    ) -> CreatedPayment:
        """Make a payment of `price_cents` US cents to be paid in `coin`.

        NOT idempotent: twice is two addresses. Commit the attempt whose id is `attempt_ref` (ASCII) first.
        """

    async def fetch(self, payment_id: str) -> Observation:
        """The payment as it is now; a child's may be unreadable (Reason.UNKNOWN_PAYMENT)."""

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
        """Whether the callback `body`, as it arrived, is signed with one of `secrets`. Header names in any case."""

    def hint(self, body: bytes) -> Hint | None:
        """What a verified callback is about, None when it names no payment."""

    def play_page(self, payment_id: str) -> str:
        """Where one plays the payer, "" unless the processor is a stand-in on this machine."""
