"""What may be done with keys: lease one, call it, report; add, test, disable, return to service, remove."""

from __future__ import annotations

from nproxy.providers.actions.calling import call
from nproxy.providers.actions.keeping import (
    AlreadyActive,
    AlreadyDisabled,
    BadKey,
    DuplicateKey,
    LabelTaken,
    UnknownKey,
    UnknownProvider,
    activate,
    add_key,
    disable,
    remove,
    rotate_secrets,
)
from nproxy.providers.actions.leasing import close_lost_attempts, forget_old_attempts, lease, report
from nproxy.providers.actions.testing import KeyTest, test_key
from nproxy.providers.rules.attempt import Lease, Outcome

__all__ = [
    "AlreadyActive",
    "AlreadyDisabled",
    "BadKey",
    "DuplicateKey",
    "KeyTest",
    "LabelTaken",
    "Lease",
    "Outcome",
    "UnknownKey",
    "UnknownProvider",
    "activate",
    "add_key",
    "call",
    "close_lost_attempts",
    "disable",
    "forget_old_attempts",
    "lease",
    "remove",
    "report",
    "rotate_secrets",
    "test_key",
]
