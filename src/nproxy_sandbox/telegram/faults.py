"""What can go wrong with a call to the Bot API, beside the wreckage of the wire.

A refusal comes in place of what was asked for; wreckage comes after it was done: a message whose answer is lost has arrived.
"""

from __future__ import annotations

from dataclasses import dataclass

from nproxy_sandbox.wreckage import WRECKS


@dataclass(frozen=True)
class Refusal:
    """An error as Telegram words it."""

    code: int
    description: str
    retry_after: int | None = None


class Refused(Exception):
    """In place of an answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.description)
        self.refusal = refusal


CONFLICT = Refusal(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
)
WEBHOOK = Refusal(
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
)
UNKNOWN_METHOD = Refusal(404, "Not Found")
UNAUTHORIZED = Refusal(401, "Unauthorized")
BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
NOT_STARTED = Refusal(403, "Forbidden: bot can't initiate conversation with a user")
NO_CHAT = Refusal(400, "Bad Request: chat not found")
EMPTY = Refusal(400, "Bad Request: message text is empty")
TOO_LONG = Refusal(400, "Bad Request: message is too long")
BAD_BUTTON = Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
NO_MESSAGE = Refusal(400, "Bad Request: message to edit not found")
UNCHANGED = Refusal(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as"
    " a current content and reply markup of the message",
)
OLD_TAP = Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")


def too_many(seconds: float) -> Refusal:
    """Telegram wants silence for so long."""
    whole = max(1, round(seconds))
    return Refusal(429, f"Too Many Requests: retry after {whole}", whole)


REFUSALS = {
    "unauthorized": UNAUTHORIZED,
    "blocked": BLOCKED,
    "no_chat": NO_CHAT,
    "conflict": CONFLICT,
    "internal": Refusal(500, "Internal Server Error"),
    "restarting": Refusal(500, "Internal Server Error: restart"),
    "bad_gateway": Refusal(502, "Bad Gateway"),
}
TOO_MANY = "too_many"
# Answered by what stands before the API, in its own words.
AS_HTML = frozenset({"bad_gateway"})
SAYS = (
    {name: f"{refusal.code} {refusal.description}" for name, refusal in REFUSALS.items()}
    | {TOO_MANY: "429 Too Many Requests, with retry_after: the seconds given, else 3"}
    | {name: f"{wreck.says} (what was asked for is done)" for name, wreck in WRECKS.items()}
)
