"""Two books compared: what the processor says has arrived, and what we made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One payment in both books. Values in US cents; `theirs_cents` is None where the processor names none.

    `ours` says what became of it here: `activated`, `review`, `refunded`, or "" for nothing.
    """

    payment_id: str
    order_id: str
    status: str
    theirs_cents: int | None
    ours: str

    @property
    def agrees(self) -> bool:
        """Money is accounted for; what is activated has its money."""
        has_arrived = self.status in {"finished", "partially_paid"}
        if self.ours == "activated":
            return has_arrived
        return bool(self.ours) or not has_arrived


@dataclass(frozen=True, slots=True)
class Report:
    """How many payments were read, those that could not be, and where the books differ. Cents are of valued money."""

    read: int
    unread: tuple[str, ...]
    theirs_cents: int
    ours_cents: int
    activated: int
    in_review: int
    unvalued: int
    differences: tuple[Line, ...]

    @property
    def difference_cents(self) -> int:
        """Theirs minus ours: 0 when every cent that arrived has become something."""
        return self.theirs_cents - self.ours_cents

    @property
    def is_clean(self) -> bool:
        """Everything was read, and nothing differs."""
        return not self.unread and not self.differences and self.difference_cents == 0


def compare(lines: Sequence[Line], unread: Sequence[str]) -> Report:
    """The report over one line for each payment that could be read."""
    arrived = [line for line in lines if line.status in {"finished", "partially_paid"}]
    return Report(
        read=len(lines),
        unread=tuple(unread),
        theirs_cents=sum(line.theirs_cents or 0 for line in arrived),
        ours_cents=sum(line.theirs_cents or 0 for line in arrived if line.ours),
        activated=sum(line.ours == "activated" for line in lines),
        in_review=sum(line.ours == "review" for line in lines),
        unvalued=sum(line.theirs_cents is None for line in arrived),
        differences=tuple(line for line in lines if not line.agrees),
    )
