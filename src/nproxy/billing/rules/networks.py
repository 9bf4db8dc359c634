"""Networks in words: people lose money by sending a coin over another network than the one that was meant."""

from __future__ import annotations

_NAMES = {
    "algo": "Algorand",
    "arbitrum": "Arbitrum One",
    "avaxc": "Avalanche C-Chain",
    "base": "Base",
    "bch": "Bitcoin Cash",
    "bsc": "BNB Smart Chain (BEP-20)",
    "btc": "Bitcoin",
    "celo": "Celo",
    "dash": "Dash",
    "doge": "Dogecoin",
    "eth": "Ethereum (ERC-20)",
    "ltc": "Litecoin",
    "matic": "Polygon",
    "near": "NEAR",
    "op": "Optimism",
    "sol": "Solana",
    "ton": "TON",
    "trx": "Tron (TRC-20)",
    "xlm": "Stellar",
    "xmr": "Monero",
    "xrp": "XRP Ledger",
    "zec": "Zcash",
}


def in_words(network: str) -> str:
    """The network's name as wallets and exchanges show it; its code in capitals for one that is not known, "" for none."""
    return _NAMES.get(network.lower(), network.upper())
