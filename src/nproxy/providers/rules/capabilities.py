"""What each model can do. The chat's controls, the checks and the adapters all read this one table.

Source: Google's image generation page, ratios and pixels as of 2026-10 (the real size of a picture is
read from its bytes and may differ by a few pixels).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

AUTO = "auto"

# Providers whose adapters exist. A pool is the providers that can draw a model.
PROVIDERS = frozenset({"gemini", "openrouter"})


@dataclass(frozen=True, slots=True)
class Strength:
    """A named step of image strength. `number` (0–1) is what an adapter gets, `clause` its wording for a
    model without such a field."""

    name: str
    number: float
    clause: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one model takes. `pixels` has (width, height) for every resolution and ratio but `auto`.

    `max_source_bytes` is the sum over a request's sources: the wire takes 20 MB in base64 with the text.
    """

    model: str
    providers: frozenset[str]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    pixels: Mapping[tuple[str, str], tuple[int, int]]
    strengths: tuple[Strength, ...]
    batch_sizes: tuple[int, ...]
    max_sources: int
    max_source_bytes: int
    max_prompt_chars: int

    def size(self, resolution: str, aspect_ratio: str) -> tuple[int, int] | None:
        """The expected (width, height) in pixels; None for `auto`, which the sources decide."""
        return self.pixels.get((resolution, aspect_ratio))

    def strength(self, name: str) -> Strength:
        """The step called `name`; raises KeyError for an unknown one."""
        return {step.name: step for step in self.strengths}[name]

    def nearest_strength(self, number: float) -> Strength:
        """The step whose number is closest to `number` (0–1)."""
        return min(self.strengths, key=lambda step: abs(step.number - number))


# (width, height) at 1K; 2K and 4K are twice and four times as long on each side.
_PIXELS_1K = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
_SCALES = {"1K": 1, "2K": 2, "4K": 4}

NANO_BANANA = Capabilities(
    model="nano_banana",
    providers=PROVIDERS,
    resolutions=tuple(_SCALES),
    aspect_ratios=(AUTO, *_PIXELS_1K),
    pixels={
        (resolution, ratio): (width * scale, height * scale)
        for resolution, scale in _SCALES.items()
        for ratio, (width, height) in _PIXELS_1K.items()
    },
    strengths=(
        Strength(
            "subtle",
            0.25,
            "Keep the composition, the subjects, the colours and every detail of the given picture as they "
            "are. Change only what the following asks for.",
        ),
        Strength(
            "balanced",
            0.5,
            "Keep the main subjects and the general composition of the given picture recognisable, and "
            "change the rest freely to follow this.",
        ),
        Strength(
            "strong",
            0.85,
            "Take the given picture only as loose inspiration. Recompose it freely to follow this.",
        ),
    ),
    batch_sizes=(1, 2, 4),
    max_sources=14,
    max_source_bytes=10_000_000,
    max_prompt_chars=4000,
)

CAPABILITIES: Mapping[str, Capabilities] = {NANO_BANANA.model: NANO_BANANA}
