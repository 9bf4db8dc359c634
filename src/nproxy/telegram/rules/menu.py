"""What the bot's buttons are called and what they send: `verb` or `verb:number`, 64 bytes at most."""

from __future__ import annotations

Row = list[list[str]]
Keyboard = list[Row]

HOME = "home"
BACK = "‹ Back"
# What an alert can be answered with, by its kind: the one useful act. It is asked once more.
FIXES = {
    "keys.out_of_funds": "Return to service",
    "keys.manual_review": "Return to service",
    "keys.cooldown": "Test the key",
    "keys.low_balance": "Refresh the balance",
    "people.paused": "End the pause",
}
# Kinds whose details are on a screen of their own.
DETAILS = ("keys.", "proxies.", "payment", "generation", "worker", "clock.", "people.")
LONGEST_DATA = 64


def button(label: str, data: str) -> list[str]:
    """One button. Telegram refuses data of more than 64 bytes."""
    if len(data.encode()) > LONGEST_DATA:
        raise ValueError(f"{data!r} is longer than {LONGEST_DATA} bytes")
    return [label, data]


def home() -> Keyboard:
    """The main menu."""
    return [
        [button("🔑 Keys", "pool"), button("🌐 Proxies", "proxies")],
        [button("📈 Today", "today"), button("🩺 Health", "health")],
        [button("💳 Payments", "pays"), button("⚠️ Failures", "fails")],
        [button("👤 Find a person", "find")],
    ]


def back(to: str = HOME, *, again: str = "") -> Row:
    """The last row of a screen: back, and the same screen anew."""
    row = [button(BACK, to)]
    return [*row, button("↻ Refresh", again)] if again else row


def under_alert(incident_id: int, kind: str, *, may_act: bool) -> Keyboard:
    """At most three buttons: the one useful act, details, and quiet for four hours."""
    rows: Keyboard = []
    if may_act and kind in FIXES:
        rows.append([button(FIXES[kind], f"fix:{incident_id}")])
    last = [button("Details", f"more:{incident_id}")] if kind.startswith(DETAILS) else []
    if may_act:
        last.append(button("Quiet for 4 h", f"hush:{incident_id}"))
    return [*rows, last] if last else rows
