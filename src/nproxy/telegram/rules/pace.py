"""How fast Telegram lets a bot speak: about one message a second in a chat, thirty a second in all.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

IN_A_CHAT = timedelta(seconds=1)
IN_ALL = timedelta(seconds=1) / 30
# Beyond so many alerts in so long, one message says what else there was.
ALERTS_AT_MOST, ALERTS_WITHIN = 15, timedelta(minutes=10)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)


@dataclass
class Pace:
    """When who was last spoken to, and until when Telegram wants silence."""

    last: datetime | None = None
    last_in: dict[int, datetime] = field(default_factory=dict)
    silent_until: datetime | None = None

    def ready_at(self, chat_id: int, now: datetime) -> datetime:
        """The first moment, `now` at the earliest, at which a message to this chat keeps all limits."""
        moments = [now]
        if self.last is not None:
            moments.append(self.last + IN_ALL)
        if chat_id in self.last_in:
            moments.append(self.last_in[chat_id] + IN_A_CHAT)
        if self.silent_until is not None:
            moments.append(self.silent_until)
        return max(moments)

    def spoke(self, chat_id: int, now: datetime) -> None:
        """Something was sent to this chat."""
        self.last = self.last_in[chat_id] = now

    def hush(self, seconds: float, now: datetime) -> None:
        """Telegram said: retry after so many seconds."""
        self.silent_until = now + timedelta(seconds=seconds)


def is_crowded(sent: Collection[datetime], now: datetime) -> bool:
    """Whether a chat has had so many alerts lately that the next one would only be noise."""
    return sum(now - each < ALERTS_WITHIN for each in sent) >= ALERTS_AT_MOST


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row (at least 1): 2, 4, 8 … seconds, 5 minutes at most."""
    return min(FIRST_WAIT * float(2 ** min(failures - 1, 16)), LONGEST_WAIT)
