"""Keys as an operator pastes them: one a line, each with a label of its own before it, or numbered by one for all."""

from __future__ import annotations

from collections.abc import Sequence


class Unreadable(Exception):
    """Line `number` (from 1) has no secret."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def read_pasted(text: str, label: str) -> Sequence[tuple[str, str]]:
    """(label, secret) of each line that is not empty. A line is `secret` or `label, secret`.

    Lines without a label of their own get `label`, numbered when there are several of them. Raises Unreadable.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parts = [line.rpartition(",") for line in lines]
    for number, (_, _, secret) in enumerate(parts, 1):
        if not secret.strip():
            raise Unreadable(number)
    unnamed = sum(not own.strip() for own, _, _ in parts)
    labels = iter([label] if unnamed == 1 else [f"{label} {number}" for number in range(1, unnamed + 1)])
    return [(own.strip() or next(labels), secret.strip()) for own, _, secret in parts]
