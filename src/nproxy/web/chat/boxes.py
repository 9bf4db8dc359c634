"""The shape of a picture's box before and after it is there. Pure."""

from __future__ import annotations

# A box is given by its ratio; its longer side in these units, whatever the picture's own size.
BOX = 1024
# Above this, a box is tall enough (or wide enough) for the grid to use other columns.
ELONGATED = 1.3


def fitted(width: int, height: int) -> tuple[int, int]:
    """The same shape with its longer side at `BOX`; neither side below 1."""
    longer = max(width, height)
    return max(1, round(width * BOX / longer)), max(1, round(height * BOX / longer))


def shape(width: int, height: int) -> str:
    """`tall`, `wide` or `even`: how the grid of a batch lays out its boxes."""
    if height > width * ELONGATED:
        return "tall"
    return "wide" if width > height * ELONGATED else "even"
