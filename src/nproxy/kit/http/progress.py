"""How far a request has come: what time limits per phase, and the naming of failures, go by."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, auto


class Phase(Enum):
    """Where a request is on its way."""

    CONNECTING = auto()  # the name, and TCP to the proxy or to the target
    ADMISSION = auto()  # the proxy has heard where we want to go
    TLS = auto()  # with the proxy or through it
    SENDING = auto()
    WAITING = auto()

    @property
    def is_on_the_road(self) -> bool:
        """Nothing of the request has left yet."""
        return self not in (Phase.SENDING, Phase.WAITING)


@dataclass(slots=True)
class Progress:
    """Passed as `trace_request_ctx`, and `current` in the task that makes the connection; both move it on.

    `moved` is told of each step: a new phase, or another piece of the body sent.
    """

    has_body: bool = False
    phase: Phase = Phase.CONNECTING
    sent: bool = False
    moved: Callable[[], None] | None = None

    def to(self, phase: Phase) -> None:
        """On to `phase`; a body's last piece may be reported after its answer has come."""
        if not (self.phase is Phase.WAITING and phase is Phase.SENDING):
            self.phase = phase
        if self.moved is not None:
            self.moved()

    def headers_sent(self) -> None:
        """The request has left, all of it if it has no body."""
        self.sent = True
        self.to(Phase.SENDING if self.has_body else Phase.WAITING)


current: ContextVar[Progress | None] = ContextVar("current", default=None)


def reached(phase: Phase) -> None:
    """Said by a connection in the making, in the task of whoever waits for it."""
    if (progress := current.get()) is not None:
        progress.to(phase)
