"""What may be wished for, and what happens to a run that fell silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import ceil

from nproxy.conversations.rules import Wish
from nproxy.providers.rules import Capabilities

# The queue on which generations wait for a worker.
QUEUE = "generations"
# A worker writes a heartbeat this often, and is taken for dead after this much silence:
# with a sweep every 15 s, a killed worker's picture is back in line within 90 s.
HEARTBEAT = timedelta(seconds=5)
SILENCE = timedelta(seconds=45)
# Seconds between tries to store a picture, or to read a source, while the store is away: four minutes in all.
STORE_PAUSES = (1, 2, 4, 8, 15, 30, 60, 60, 60)
# How long a queued generation may be without a job that is alive before it gets a new one.
UNATTENDED = timedelta(seconds=30)
CRASHES_ALLOWED = 1
# So many refusals by the model's policy within an hour stop a person for an hour.
REFUSALS_ALLOWED = 20
REFUSALS_WITHIN = timedelta(hours=1)
PAUSE = timedelta(hours=1)
MODES = ("text_to_image", "image_to_image")
SHAPES = ("landscape", "portrait", "square")
# A deleted picture waits for the open generations that draw from it, which never take this long.
KEPT_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which pictures of the gallery are wanted: `words` of the prompt, a mode, a shape (`SHAPES`); empty is all."""

    words: str = ""
    favourite: bool = False
    mode: str = ""
    shape: str = ""


# How long pictures take is told from so many of the latest, and not from fewer than a few.
LOOKED_AT = 200
FEWEST_SAMPLES = 30


def usual(seconds: Sequence[float]) -> tuple[int, int] | None:
    """Half of these took at most the first number of whole seconds (at least 1), nine of ten at most the second.

    None where they are too few to say.
    """
    if len(seconds) < FEWEST_SAMPLES:
        return None
    ordered = sorted(seconds)
    half, most = (ordered[ceil(len(ordered) * share / 100) - 1] for share in (50, 90))
    return max(1, ceil(half)), max(1, ceil(most))


class Recovery(Enum):
    """What the sweep does with a silent run."""

    REQUEUE = "requeue"
    FAIL = "fail"


def after_silence(crashes: int) -> Recovery:
    """A run whose worker died `crashes` times before: once more in line, then it fails."""
    return Recovery.REQUEUE if crashes < CRASHES_ALLOWED else Recovery.FAIL


def unpaid_for(error_code: str) -> str:
    """Why a provider was called for nothing when a generation failed with this code; "" when it is not the
    person's doing, or no call was billed (quota's words)."""
    return {"content_policy": "policy", "invalid_request": "refused", "no_image": "refused"}.get(
        error_code, ""
    )


def problems(wish: Wish, source_count: int, can: Capabilities) -> dict[str, list[str]]:
    """Why the wish cannot be accepted: codes by field, empty when it can.

    Codes: `empty`, `too_long`, `unknown`, `needs_source`, `no_source_allowed`, `too_many`.
    """
    found: dict[str, list[str]] = {}
    if not wish.prompt.strip():
        found["prompt"] = ["empty"]
    elif "\0" in wish.prompt:  # PostgreSQL's text cannot hold it
        found["prompt"] = ["unknown"]
    elif len(wish.prompt) > can.max_prompt_chars:
        found["prompt"] = ["too_long"]
    if wish.resolution not in can.resolutions:
        found["resolution"] = ["unknown"]
    if wish.aspect_ratio not in can.aspect_ratios:
        found["aspect_ratio"] = ["unknown"]
    if wish.batch_size not in can.batch_sizes:
        found["batch_size"] = ["unknown"]
    found.update(_source_problems(wish, source_count, can))
    return found


def _source_problems(wish: Wish, source_count: int, can: Capabilities) -> dict[str, list[str]]:
    if wish.mode == "text_to_image":
        found = {"sources": ["no_source_allowed"]} if source_count else {}
        return found | ({"strength": ["no_source_allowed"]} if wish.strength else {})
    if wish.mode != "image_to_image":
        return {"mode": ["unknown"]}
    found = {}
    if not source_count:
        found["sources"] = ["needs_source"]
    elif source_count > can.max_sources:
        found["sources"] = ["too_many"]
    if wish.strength not in {step.name for step in can.strengths}:
        found["strength"] = ["unknown"]
    return found
