from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from nproxy.accounts import actions as accounts
from nproxy.audit.rules import SYSTEM
from nproxy.notifications.models import Mail

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "seven purple kettles"


@pytest.fixture
def mia(db: None) -> int:
    """A person whose address is confirmed."""
    return accounts.create_user(
        email="mia@example.com", password=PASSWORD, verified=True, actor=SYSTEM, now=NOW
    )


@pytest.fixture
def link() -> Callable[[], str]:
    """Read the path of the first link in the newest mail."""

    def first_link() -> str:
        text = Mail.objects.latest("pk").text
        return urlsplit(re.findall(r"https?://\S+", text)[0]).path

    return first_link
