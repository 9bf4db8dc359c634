"""The pool: keys at providers, the proxies that they go out by, and every call that was made with them."""

from __future__ import annotations

from nproxy.staff.pool import attempts, keys, proxies

__all__ = ["attempts", "keys", "proxies"]
