"""Addresses that wallets and people can follow: a transaction's page, and what a QR code says."""

from __future__ import annotations

from decimal import Decimal

from nproxy.kit.money import coin_text

# By the processor's network codes.
EXPLORERS = {
    "btc": "https://mempool.space/tx/{}",
    "ltc": "https://litecoinspace.org/tx/{}",
    "eth": "https://etherscan.io/tx/{}",
    "trx": "https://tronscan.org/#/transaction/{}",
    "bsc": "https://bscscan.com/tx/{}",
    "sol": "https://solscan.io/tx/{}",
    "ton": "https://tonviewer.com/transaction/{}",
    "matic": "https://polygonscan.com/tx/{}",
    "arbitrum": "https://arbiscan.io/tx/{}",
    "op": "https://optimistic.etherscan.io/tx/{}",
    "base": "https://basescan.org/tx/{}",
    "avaxc": "https://snowtrace.io/tx/{}",
    "doge": "https://blockchair.com/dogecoin/transaction/{}",
}

# Coins whose wallets agree on a form with the amount in it (BIP 21). Tokens have none that all wallets read.
_SCHEMES = {"btc": "bitcoin", "ltc": "litecoin", "doge": "dogecoin"}


def transaction_link(network: str, transaction: str) -> str:
    """The page of a transaction at an explorer of its network; "" where we know none."""
    template = EXPLORERS.get(network.lower(), "")
    return template.format(transaction) if template and transaction.isalnum() else ""


def qr_text(coin: str, address: str, amount: Decimal) -> str:
    """What the QR code of an address holds: with the amount where wallets understand that, else the address alone."""
    scheme = _SCHEMES.get(coin.lower())
    return f"{scheme}:{address}?amount={coin_text(amount)}" if scheme else address
