"""The root of billing's refusals."""

from __future__ import annotations


class Refused(Exception):
    """What was asked for is not done, and nothing has changed."""
