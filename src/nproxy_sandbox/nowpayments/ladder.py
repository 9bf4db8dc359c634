"""A payment's state as a person sees it: the way that money goes, and where it is."""

from __future__ import annotations

from nproxy_sandbox.nowpayments.payment import (
    CANCELLED,
    CONFIRMED,
    CONFIRMING,
    EXPIRED,
    FAILED,
    FINISHED,
    PARTIALLY_PAID,
    REFUNDED,
    SENDING,
    WAITING,
    WRONG_ASSET,
    Payment,
)

STEPS = {
    WAITING: "Waiting",
    CONFIRMING: "Seen",
    CONFIRMED: "Confirmed",
    SENDING: "Passed on",
    FINISHED: "Finished",
}
# What the last step is called when it went another way, and how that looks.
OTHER_ENDS = {
    PARTIALLY_PAID: "Too little",
    EXPIRED: "Expired",
    FAILED: "Failed",
    REFUNDED: "Refunded",
    CANCELLED: "Cancelled",
    WRONG_ASSET: "Wrong coin",
}
TONES = {FINISHED: "good", PARTIALLY_PAID: "warn", WRONG_ASSET: "warn", FAILED: "bad", EXPIRED: "muted"}


def badge(status: str) -> str:
    """The status in a word."""
    words = STEPS.get(status) or OTHER_ENDS.get(status, status)
    return f'<span class="badge {TONES.get(status, "here")}">{words}</span>'


def ladder(payment: Payment) -> str:
    """The steps, those behind it and the one it stands on marked."""
    names = list(STEPS)
    is_other = payment.status in OTHER_ENDS
    reached = len(names) - 1 if is_other else names.index(payment.status)
    steps = []
    for place, (status, words) in enumerate(STEPS.items()):
        shown = OTHER_ENDS[payment.status] if is_other and place == reached else words
        state = (
            "now"
            if place == reached
            else "done"
            if place < reached and not _was_skipped(payment, status)
            else ""
        )
        tone = TONES.get(payment.status, "here") if state == "now" else ""
        steps.append(f'<li class="{state} {tone}">{shown}</li>')
    return f'<ol class="ladder">{"".join(steps)}</ol>'


def _was_skipped(payment: Payment, status: str) -> bool:
    """What never saw money never went through the steps between."""
    return status != WAITING and not payment.has_money
