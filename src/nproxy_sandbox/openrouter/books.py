"""What each key has spent and may still spend: `GET /api/v1/key`."""

from __future__ import annotations

from collections import defaultdict

LIMIT_USD = 10.0
RESETS_AT = "2026-12-01T00:00:00.000Z"


class Books:
    """Spending by key. A key's limit is 10 USD unless `limits` says otherwise; None is no limit."""

    def __init__(self) -> None:
        self.limits: dict[str, float | None] = {}
        self._spent: defaultdict[str, float] = defaultdict(float)

    def bill(self, key: str, usd: float) -> None:
        """The key has drawn a picture."""
        self._spent[key] += usd

    def state(self, key: str, fault: str = "") -> dict[str, object]:
        """The answer about a key, odd in the way that `fault` names."""
        spent, limit = self._spent[key], self.limits.get(key, LIMIT_USD)
        if fault == "limit_null":
            limit = None
        left = None if limit is None else limit - spent
        if fault == "limit_zero":
            left = 0.0
        if fault == "limit_low":
            left = 0.5
        budget = {"budget_negative": -1.25, "budget_low": 0.75}.get(fault)
        budgets = [] if budget is None else [_budget(budget)]
        data: dict[str, object] = {
            "label": f"sk-or-v1-…{key[-3:]}",
            "limit": limit,
            "limit_remaining": left,
            "limit_reset": None,
            "usage": spent,
            "usage_daily": spent,
            "usage_weekly": spent,
            "usage_monthly": spent,
            "is_free_tier": False,
            "is_management_key": False,
            "expires_at": None,
            "budgets": budgets,
            "effective_budget": budgets[0] if budgets else None,
            "rate_limit": {"requests": -1, "interval": "10s", "note": "legacy"},
        }
        return {"data": "soon"} if fault == "state_wrong_types" else {"data": data}


def _budget(remaining: float) -> dict[str, object]:
    return {
        "scope": "workspace",
        "limit_usd": 100,
        "spend_usd": 100 - remaining,
        "remaining_usd": remaining,
        "reset_interval": "monthly",
        "resets_at": RESETS_AT,
    }


STATES = {
    "limit_null": "the key's state has no limit: what is left is unknown",
    "limit_zero": "the key's state says that nothing is left",
    "limit_low": "the key's state says that half a dollar is left",
    "budget_low": "a budget above the key is tighter than its own limit",
    "budget_negative": "a budget above the key is overspent",
    "state_wrong_types": "the key's state has another shape",
}
