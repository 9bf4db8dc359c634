"""All that can be made to go wrong, by name."""

from __future__ import annotations

from nproxy_sandbox.openrouter import answers
from nproxy_sandbox.openrouter.books import STATES
from nproxy_sandbox.openrouter.refusals import KEYS_AND_MONEY, OURS, SERVER, USERS_OWN
from nproxy_sandbox.wreckage import WRECKS

REFUSALS = {fault.name: fault for fault in (*USERS_OWN, *OURS, *KEYS_AND_MONEY, *SERVER)}
ODDITIES = {oddity.name: oddity for oddity in answers.ODDITIES}
# Asking for a key's state wants no money and no capacity.
MEETS_STATE = frozenset(
    {name for name, fault in REFUSALS.items() if fault.state} | STATES.keys() | WRECKS.keys()
)
MEETS_DRAWING = frozenset(REFUSALS.keys() | ODDITIES.keys() | WRECKS.keys())

SAYS: dict[str, str] = {
    **{name: fault.says for table in (REFUSALS, ODDITIES, WRECKS) for name, fault in table.items()},
    **STATES,
}
