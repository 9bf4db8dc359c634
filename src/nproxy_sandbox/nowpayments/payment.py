"""A payment as the stand-in keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from nproxy_sandbox.nowpayments.coins import Coin

WAITING = "waiting"
CONFIRMING = "confirming"
CONFIRMED = "confirmed"
SENDING = "sending"
FINISHED = "finished"
PARTIALLY_PAID = "partially_paid"
FAILED = "failed"
EXPIRED = "expired"
REFUNDED = "refunded"
CANCELLED = "cancelled"
WRONG_ASSET = "wrong_asset_confirmed"
STATUSES = (
    WAITING, CONFIRMING, CONFIRMED, SENDING, FINISHED, PARTIALLY_PAID, FAILED, EXPIRED, REFUNDED, CANCELLED,
    WRONG_ASSET,
)  # fmt: skip

SERVICE_FEE = Decimal("0.005")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Wanted:
    """What a create asked for."""

    price: Decimal
    coin: Coin
    order_id: str | None = None
    description: str | None = None
    callback_url: str | None = None
    is_fixed_rate: bool = False


@dataclass
class Payment:
    """One payment. `asked` is the amount of its coin, `paid` what arrived of it so far, `key` who may read it."""

    number: int
    purchase: int
    key: str = field(repr=False)
    wanted: Wanted
    coin: Coin
    asked: Decimal
    payout: Coin
    address: str
    memo: str | None
    created_at: datetime
    updated_at: datetime
    quote_until: datetime
    valid_until: datetime
    status: str = WAITING
    paid: Decimal = Decimal(0)
    worth: Decimal = Decimal(0)
    parent: int | None = None
    children: list[int] = field(default_factory=list)

    @property
    def outcome(self) -> Decimal:
        """What lands in the merchant's wallet after fees and conversion, in the payout coin."""
        worth = (self.paid or self.asked) * self.coin.usd * (1 - SERVICE_FEE) - CENT
        return self.payout.worth(max(worth, Decimal(0)))

    @property
    def fees(self) -> tuple[Decimal, Decimal]:
        """The deposit's and the service's fee, in the payout coin: tiny numbers where that is worth much."""
        return self.payout.worth(CENT), self.payout.worth(
            (self.paid or self.asked) * self.coin.usd * SERVICE_FEE
        )

    @property
    def has_money(self) -> bool:
        """Whether a deposit was made."""
        return self.paid > 0

    def transaction(self, direction: str) -> str | None:
        """The hash of the deposit (`in`) or of what was passed on (`out`), None while there is none."""
        if not self.has_money or (direction == "out" and self.status != FINISHED):
            return None
        noise = sha256(f"{direction}:{self.number}".encode()).hexdigest()
        return f"0x{noise}" if self.coin.address[0] == "0x" else noise
