"""Money without floats: US dollars as integer cents, or as millionths (`microusd`) where a picture is paid for; coins as
`Decimal` from the source text.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal

# Millionths in a US dollar.
MICRO = 1_000_000

# What NUMERIC(38, 18) holds: a coin amount has at most this many digits, and this many of them after the point.
COIN_DIGITS = 38
COIN_PLACES = 18

# Exact for every product and quotient of two such amounts that we round afterwards; the default has 28 digits.
_EXACT = Context(prec=2 * COIN_DIGITS + 2)


def dollars(cents: int) -> str:
    """`1900` is `$19`, `1950` is `$19.50`, `-5` is `-$0.05`."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}${whole}.{rest:02}" if rest else f"{sign}${whole}"


def usd(microusd: int) -> str:
    """`12_340_000` is `$12.34`, `39_000` is `$0.0390`: closer where cents would say little."""
    places = 2 if microusd == 0 or abs(microusd) >= MICRO // 10 else 4
    sign = "-" if microusd < 0 else ""
    return f"{sign}${Decimal(abs(microusd)) / MICRO:,.{places}f}"


def coin_text(amount: Decimal) -> str:
    """The amount as a person types it into a wallet: `0.0000001`, `12.5`, `100`; no exponent, no idle zeros."""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def times(amount: Decimal, factor: Decimal) -> Decimal:
    """The product, exact."""
    return _EXACT.multiply(amount, factor)


def minus(amount: Decimal, other: Decimal) -> Decimal:
    """The difference, exact."""
    return _EXACT.subtract(amount, other)


def share(cents: int, part: Decimal, whole: Decimal) -> int:
    """So many of `cents` as `part` is of `whole`, rounded down; 0 when `whole` is not positive."""
    if whole <= 0:
        return 0
    exact = _EXACT.divide(_EXACT.multiply(Decimal(cents), part), whole)
    return int(exact.to_integral_value(rounding=ROUND_DOWN))
