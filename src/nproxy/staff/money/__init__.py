"""Money: orders, payments, callbacks, what waits for a decision, and what goes back."""

from __future__ import annotations

from nproxy.staff.money import books, callbacks, orders, payments, refunds, reviews

__all__ = ["books", "callbacks", "orders", "payments", "refunds", "reviews"]
