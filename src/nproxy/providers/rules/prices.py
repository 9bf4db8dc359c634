"""What an attempt costs, from the tokens that its answer reports (USD, standard tier, as of 2026-11)."""

from __future__ import annotations

from dataclasses import dataclass

# Vendor id → USD per million tokens of: prompt, text and thoughts, image.
# USD per million tokens is also millionths of a USD per token.
GEMINI_PRICES = {
    "gemini-nano-banana-2.1": (1.50, 7.50, 30.0),
    "gemini-3.1-flash-image": (0.50, 3.0, 60.0),
    "gemini-3.1-flash-lite-image": (0.25, 1.50, 30.0),
    "gemini-3-pro-image": (2.0, 12.0, 120.0),
    "gemini-2.5-flash-image": (0.30, 2.50, 30.0),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens billed for one answer; blocked ones bill prompt and thoughts too."""

    prompt: int = 0
    text: int = 0
    image: int = 0


def gemini_cost(model: str, usage: Usage | None) -> int | None:
    """Millionths of a USD; None for a model without a known price or an answer without usage."""
    prices = GEMINI_PRICES.get(model)
    if prices is None or usage is None:
        return None
    prompt, text, image = prices
    return round(usage.prompt * prompt + usage.text * text + usage.image * image)
