"""What is true of accounts without asking anyone."""

from __future__ import annotations

ROLES = ("owner", "operator", "viewer")


def normal_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().lower()
