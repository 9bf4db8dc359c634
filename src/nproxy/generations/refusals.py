"""Why something is not done; nothing has changed then.

Refusal
├── NoActiveCycle       nothing paid runs now
├── Suspended           the operator has suspended this person
├── NotEnoughLeft       the quota does not cover this batch
├── TooManyUnpaid       too many calls of this cycle brought no picture
├── Paused              the model has declined too many of this person's wishes of late
├── TooManyPending      NPROXY_MAX_PENDING_PER_USER are open already
├── StillStopping       canceled, but its worker has not let go of it yet
├── StoreFull           the disk is short; nothing new is accepted
├── ClientIdReused      the same client_id came with another body
├── UnknownSource       a source that is not there, or another person's
├── UnknownConversation, UnknownTurn, UnknownGeneration
├── NotPossible         not in this state (any more)
├── NotRestorable       deleted too long ago to be had back, or never
└── InvalidWish         `problems`: codes by field, see rules.problems
"""

from __future__ import annotations


class Refusal(Exception):
    """What was asked for is not done, and nothing has changed."""


class NoActiveCycle(Refusal):
    pass


class Suspended(Refusal):
    pass


class NotEnoughLeft(Refusal):
    pass


class TooManyUnpaid(Refusal):
    pass


class Paused(Refusal):
    pass


class TooManyPending(Refusal):
    pass


class StillStopping(Refusal):
    pass


class StoreFull(Refusal):
    pass


class ClientIdReused(Refusal):
    pass


class UnknownSource(Refusal):
    pass


class UnknownConversation(Refusal):
    pass


class UnknownTurn(Refusal):
    pass


class UnknownGeneration(Refusal):
    pass


class NotPossible(Refusal):
    pass


class NotRestorable(Refusal):
    pass


class InvalidWish(Refusal):
    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(problems)
        self.problems = problems
