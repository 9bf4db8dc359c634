"""What is true of accounts without asking anyone."""

from __future__ import annotations

LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
ROLES = ("owner", "operator", "viewer")


def normal_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().lower()
