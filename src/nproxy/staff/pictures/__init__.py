"""Generations: what people asked for, and why it did or did not come to a picture."""

from __future__ import annotations

from nproxy.staff.pictures import page

__all__ = ["page"]
