"""All that can be made to go wrong, by name: the tables of refusals, oddities and wrecks put together."""

from __future__ import annotations

from nproxy_sandbox.gemini.limits import LIMITS
from nproxy_sandbox.gemini.oddities import WITH_PICTURE, WITHOUT_PICTURE
from nproxy_sandbox.gemini.refusals import KEY_AND_REQUEST, SERVER
from nproxy_sandbox.wreckage import WRECKS

REFUSALS = {fault.name: fault for fault in (*KEY_AND_REQUEST, *LIMITS, *SERVER)}
ODDITIES = {oddity.name: oddity for oddity in (*WITHOUT_PICTURE, *WITH_PICTURE)}
# Listing models asks nothing of money, quotas or capacity.
MEETS_LISTING = frozenset({name for name, fault in REFUSALS.items() if fault.listing} | WRECKS.keys())

# Name → what happens, in one line.
SAYS: dict[str, str] = {
    name: fault.says for table in (REFUSALS, ODDITIES, WRECKS) for name, fault in table.items()
}
