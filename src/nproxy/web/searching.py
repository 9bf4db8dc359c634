"""What somebody looks for, as an address says it."""

from __future__ import annotations

from django.http import QueryDict

# More than anybody types into a search.
LONGEST = 200


def looked_for(address: QueryDict) -> str:
    """The words in `q`, without what PostgreSQL cannot take; "" when there are none."""
    return address.get("q", "").replace("\0", "").strip()[:LONGEST]
