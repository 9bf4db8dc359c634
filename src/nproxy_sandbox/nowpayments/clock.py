"""A clock that can skip ahead, and that hurries what takes the real processor minutes: confirmations, second tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Starts at the real time. What lasts is over `pace` times as fast; deadlines stay where they were announced."""

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._ahead = timedelta()

    def now(self) -> datetime:
        """What time it is here."""
        return datetime.now(UTC) + self._ahead

    def hurried(self, duration: timedelta) -> timedelta:
        """How long something takes here."""
        return duration / self.pace

    def advance(self, seconds: float) -> None:
        """Skip ahead."""
        self._ahead += timedelta(seconds=seconds)
