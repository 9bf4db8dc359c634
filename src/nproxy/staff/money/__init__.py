"""Money: orders, payments, callbacks, what waits for a decision, and what goes back."""

from __future__ import annotations

from nproxy.staff.money import callbacks, orders, payments, refunds, reviews

__all__ = ["callbacks", "orders", "payments", "refunds", "reviews"]
