"""What may be done with keys and proxies: lease a key, call, report; add, set, test, stop, return, remove."""

from __future__ import annotations

from nproxy.providers.actions.adding import NotAdded, add_keys
from nproxy.providers.actions.balances import (
    NotOffered,
    forget_old_readings,
    keep_balance,
    refresh_balance,
    refresh_due_balances,
)
from nproxy.providers.actions.calling import call
from nproxy.providers.actions.changing import KeyChanges, set_key
from nproxy.providers.actions.counting import count_attempts, refresh_standings
from nproxy.providers.actions.keeping import (
    AlreadyActive,
    AlreadyDisabled,
    BadKey,
    DuplicateKey,
    LabelTaken,
    LastKey,
    UnknownKey,
    UnknownProvider,
    activate,
    add_key,
    disable,
    hold_keys,
    remove,
)
from nproxy.providers.actions.leasing import lease, lease_direct, lease_last_resort
from nproxy.providers.actions.proxying import (
    BadProxy,
    ProxyChanges,
    ProxyExists,
    ProxyInUse,
    UnknownProxy,
    add_proxy,
    remove_proxy,
    set_proxy,
)
from nproxy.providers.actions.reporting import close_lost_attempts, forget_old_attempts, report
from nproxy.providers.actions.sealing import rotate_secrets, unopened_secrets
from nproxy.providers.actions.testing import KeyTest, ProxyTest, test_key, test_proxy, try_address
from nproxy.providers.rules.attempt import Lease, Outcome
from nproxy.providers.rules.telling import Told

__all__ = [
    "AlreadyActive",
    "AlreadyDisabled",
    "BadKey",
    "BadProxy",
    "DuplicateKey",
    "KeyChanges",
    "KeyTest",
    "LabelTaken",
    "LastKey",
    "Lease",
    "NotAdded",
    "NotOffered",
    "Outcome",
    "ProxyChanges",
    "ProxyExists",
    "ProxyInUse",
    "ProxyTest",
    "Told",
    "UnknownKey",
    "UnknownProvider",
    "UnknownProxy",
    "activate",
    "add_key",
    "add_keys",
    "add_proxy",
    "call",
    "close_lost_attempts",
    "count_attempts",
    "disable",
    "forget_old_attempts",
    "forget_old_readings",
    "hold_keys",
    "keep_balance",
    "lease",
    "lease_direct",
    "lease_last_resort",
    "refresh_balance",
    "refresh_due_balances",
    "refresh_standings",
    "remove",
    "remove_proxy",
    "report",
    "rotate_secrets",
    "set_key",
    "set_proxy",
    "test_key",
    "test_proxy",
    "try_address",
    "unopened_secrets",
]
