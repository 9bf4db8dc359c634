"""What a drawing is asked with, in words that no provider has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class SourceImage(Protocol):
    """A picture to draw from: its real media type (`image/jpeg`, …) and its bytes."""

    @property
    def media_type(self) -> str: ...

    @property
    def data(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """One picture to draw. `strength` (0 keeps the sources, 1 is free of them) counts only with sources.

    `resolution` and `aspect_ratio` are values of the model's `Capabilities`; `auto` leaves the ratio
    to the provider (the last source's, else square). The sources' order is what "image 1" means.
    `user` stands for the person and tells nobody who it is; a provider may ask for such a mark, to stop
    one person's abuse without stopping the key.
    """

    prompt: str
    resolution: str
    aspect_ratio: str
    strength: float | None = None
    sources: tuple[SourceImage, ...] = field(default=(), repr=False)
    user: str = ""
