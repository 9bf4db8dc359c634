"""Full addresses of our pages, for what is read outside of the site."""

from __future__ import annotations

from django.conf import settings


def full(path: str) -> str:
    """`path` (with its slash in front) on this site, from our settings: a request's Host is its sender's to choose."""
    return f"{settings.NPROXY_BASE_URL.rstrip('/')}{path}"
