"""USD as people type and read it; inside, money of providers is millionths of a USD."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from nproxy.kit.money import MICRO


class Dollars(click.ParamType[int]):
    """`5`, `0.50`: millionths of a USD, at least 0."""

    name = "usd"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            amount = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is no amount: 5, or 0.50", param, ctx)
        if not amount.is_finite() or not 0 <= amount < MICRO:
            self.fail(f"{value!r} is not between 0 and a million USD", param, ctx)
        return int(amount * MICRO)


def dollars(microusd: int) -> str:
    """`12.34`, and a tenth of a cent where cents would say nothing."""
    amount = Decimal(microusd) / MICRO
    return f"{amount:.2f}" if abs(amount) >= 1 or not amount else f"{amount:.4f}"
