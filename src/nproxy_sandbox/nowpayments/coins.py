"""The coins of the stand-in: what they are worth, how they confirm, and which of them are traps."""

from __future__ import annotations

import string
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from hashlib import sha512

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
HEX = string.hexdigits[:16]


@dataclass(frozen=True)
class Coin:
    """A coin on a network. `usd` is what one is worth, `minimum` the least amount of it (paid out as itself).

    `decimals` is the trade's precision, `network_decimals` the chain's; an amount is asked in the coarser one.
    `seconds` is how long it takes to confirm. `address` is (beginning, alphabet, characters that follow).
    """

    code: str
    name: str
    ticker: str
    network: str
    usd: Decimal
    minimum: Decimal
    seconds: int
    address: tuple[str, str, int]
    decimals: int = 6
    network_decimals: int = 8
    memo: bool = False
    enabled: bool = True
    available: bool = True
    switched_on: bool = True

    def worth(self, usd: Decimal) -> Decimal:
        """The amount of this coin that is worth `usd`, rounded up to what can be asked."""
        return self.rounded(usd / self.usd)

    def rounded(self, amount: Decimal) -> Decimal:
        """`amount`, rounded up to what can be asked and sent."""
        return amount.quantize(Decimal(1).scaleb(-min(self.decimals, self.network_decimals)), ROUND_UP)

    def address_of(self, payment_id: int) -> str:
        """The address that is made for this payment: no one's, but of the right form."""
        beginning, alphabet, length = self.address
        noise = sha512(f"{self.code}:{payment_id}".encode()).digest()
        return beginning + "".join(alphabet[byte % len(alphabet)] for byte in noise[:length])


TRON = ("T", BASE58, 33)
EVM = ("0x", HEX, 40)

COINS = {
    coin.code: coin
    for coin in (
        Coin(
            "usdttrc20", "Tether USD (Tron)", "usdt", "trx",
            usd=Decimal("0.9994"), minimum=Decimal("3.4"), seconds=60, address=TRON,
        ),
        Coin(
            "usdtbsc", "Tether USD (Binance Smart Chain)", "usdt", "bsc",
            usd=Decimal("0.9994"), minimum=Decimal("0.9"), seconds=45, address=EVM, network_decimals=18,
        ),
        Coin(
            "usdcsol", "USD Coin (Solana)", "usdc", "sol",
            usd=Decimal("0.9999"), minimum=Decimal("1.1"), seconds=20, address=("", BASE58, 44),
        ),
        Coin(
            "btc", "Bitcoin", "btc", "btc",
            usd=Decimal(91250), minimum=Decimal("0.00006"), seconds=1800, address=("bc1q", BECH32, 38),
            decimals=8,
        ),
        Coin(
            "ltc", "Litecoin", "ltc", "ltc",
            usd=Decimal("101.4"), minimum=Decimal("0.012"), seconds=450, address=("ltc1q", BECH32, 38),
            decimals=8,
        ),
        # Its minimum is above the price of a plan of 19 dollars.
        Coin(
            "eth", "Ethereum", "eth", "eth",
            usd=Decimal(3120), minimum=Decimal("0.0081"), seconds=180, address=EVM,
            decimals=8, network_decimals=18,
        ),
        # Without its tag a payment is not found.
        Coin(
            "xrp", "Ripple", "xrp", "xrp",
            usd=Decimal("2.21"), minimum=Decimal("1.2"), seconds=10, address=("r", BASE58, 33), memo=True,
        ),
        Coin(
            "doge", "Dogecoin", "doge", "doge",
            usd=Decimal("0.16"), minimum=Decimal(9), seconds=600, address=("D", BASE58, 33), available=False,
        ),
        Coin(
            "zec", "Zcash", "zec", "zec",
            usd=Decimal(402), minimum=Decimal("0.01"), seconds=900, address=("t1", BASE58, 33), enabled=False,
        ),
        Coin(
            "usdterc20", "Tether USD (Ethereum)", "usdt", "eth",
            usd=Decimal("0.9994"), minimum=Decimal(11), seconds=180, address=EVM, switched_on=False,
        ),
    )
}  # fmt: skip


def least(coin: Coin, payout: Coin | None) -> Decimal:
    """The minimum of a payment in `coin` that is paid out in `payout`.

    Without a payout coin the real one's figure is off by an order of magnitude; so is this one.
    """
    if payout is None:
        return coin.minimum * 10
    return coin.minimum if payout is coin else coin.minimum * Decimal("1.4")
