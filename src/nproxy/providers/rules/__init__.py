"""What the providers' room knows without asking anyone: pure values and functions."""

from __future__ import annotations

from nproxy.providers.rules.capabilities import AUTO, CAPABILITIES, PROVIDERS, Capabilities, Strength
from nproxy.providers.rules.drawing import DrawRequest, SourceImage
from nproxy.providers.rules.verdict import Classified, Verdict

__all__ = [
    "AUTO",
    "CAPABILITIES",
    "PROVIDERS",
    "Capabilities",
    "Classified",
    "DrawRequest",
    "SourceImage",
    "Strength",
    "Verdict",
]
