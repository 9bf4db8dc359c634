"""Where money may be sent back to: an address that can be one of the network, so that a slip is found in time."""

from __future__ import annotations

import re

_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_EVM = re.compile("0x[0-9a-fA-F]{40}")
# By the processor's network codes.
_FORMS = {
    "trx": re.compile(f"T{_BASE58}{{33}}"),
    "sol": re.compile(f"{_BASE58}{{32,44}}"),
    "btc": re.compile(f"bc1[02-9ac-hj-np-z]{{11,71}}|[13]{_BASE58}{{25,34}}"),
    "ltc": re.compile(f"ltc1[02-9ac-hj-np-z]{{11,71}}|[LM3]{_BASE58}{{25,34}}"),
    "doge": re.compile(f"[DA9]{_BASE58}{{25,34}}"),
    **dict.fromkeys(("eth", "bsc", "matic", "arbitrum", "op", "base", "avaxc", "celo"), _EVM),
}
# No spaces, nothing that a page or a wallet would read as something else.
_ANY = re.compile(r"[A-Za-z0-9:_.\-]{20,128}")


def can_be_address(network: str, text: str) -> bool:
    """Whether `text` has the form of an address on this network ("" or one unknown here: of any network)."""
    return bool(_FORMS.get(network.lower(), _ANY).fullmatch(text))
