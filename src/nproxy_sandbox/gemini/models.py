"""Which models exist, and what each can draw."""

from __future__ import annotations

import math
from dataclasses import dataclass

Size = tuple[int, int]

# Pixels at 1K; the second ratio of each pair is the first one turned.
_AT_1K = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:4": (896, 1200),
    "4:5": (928, 1152),
    "9:16": (768, 1376),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "1:8": (384, 3072),
}
# 512 does not follow from 1K by halving.
_AT_512 = {
    "1:1": (512, 512),
    "2:3": (424, 632),
    "3:4": (448, 600),
    "4:5": (464, 576),
    "9:16": (384, 688),
    "21:9": (792, 336),
    "1:4": (256, 1024),
    "1:8": (192, 1536),
}
_NANO_BANANA_1 = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:4": (864, 1184),
    "4:5": (896, 1152),
    "9:16": (768, 1344),
    "21:9": (1536, 672),
}
# 21:9 has no turned twin.
_ALONE = ("1:1", "21:9")
_EXTREME = ("1:4", "4:1", "1:8", "8:1")


def _with_turned(table: dict[str, Size]) -> dict[str, Size]:
    turned = {
        ":".join(reversed(ratio.split(":"))): (high, wide)
        for ratio, (wide, high) in table.items()
        if ratio not in _ALONE
    }
    return table | turned


def _larger(table: dict[str, Size], times: int) -> dict[str, Size]:
    return {ratio: (wide * times, high * times) for ratio, (wide, high) in table.items()}


ALL_SIZES: dict[str, dict[str, Size]] = {
    "512": _with_turned(_AT_512),
    "1K": _with_turned(_AT_1K),
    "2K": _larger(_with_turned(_AT_1K), 2),
    "4K": _larger(_with_turned(_AT_1K), 4),
}


def _sizes(*names: str, extreme: bool = True) -> dict[str, dict[str, Size]]:
    return {
        name: {ratio: size for ratio, size in ALL_SIZES[name].items() if extreme or ratio not in _EXTREME}
        for name in names
    }


@dataclass(frozen=True)
class Model:
    """One image model. `sizes`: name → ratio → pixels; `image_tokens`: size name → tokens billed."""

    name: str
    title: str
    version: str
    sizes: dict[str, dict[str, Size]]
    image_tokens: dict[str, int]
    thinking_levels: tuple[str, ...]
    sources: int = 14
    source_tokens: int = 1120
    picture_format: str = "JPEG"
    takes_image_size: bool = True

    def nearest_ratio(self, size: Size) -> str:
        """The ratio that this model offers next to a picture of `size`."""
        wanted = math.log(size[0] / size[1])
        offered = self.sizes["1K"]
        return min(offered, key=lambda ratio: abs(math.log(offered[ratio][0] / offered[ratio][1]) - wanted))


MODELS = {
    model.name: model
    for model in (
        Model(
            "gemini-nano-banana-2.1",
            "Nano Banana 2.1",
            "2.1",
            _sizes("1K", "2K", "4K"),
            {"1K": 1120, "2K": 1680, "4K": 2520},
            ("minimal", "medium", "high"),
        ),
        Model(
            "gemini-3-pro-image",
            "Nano Banana Pro",
            "3.0",
            _sizes("1K", "2K", "4K", extreme=False),
            {"1K": 1120, "2K": 1120, "4K": 2000},
            (),
            source_tokens=560,
        ),
        Model(
            "gemini-3.1-flash-image",
            "Nano Banana 2",
            "3.1",
            _sizes("512", "1K", "2K", "4K"),
            {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520},
            ("minimal", "high"),
        ),
        Model(
            "gemini-3.1-flash-lite-image",
            "Nano Banana 2 Lite",
            "3.1",
            _sizes("1K"),
            {"1K": 1120},
            ("minimal", "high"),
        ),
        Model(
            "gemini-2.5-flash-image",
            "Nano Banana",
            "2.5",
            {"1K": _with_turned(_NANO_BANANA_1)},
            {"1K": 1290},
            (),
            sources=3,
            source_tokens=258,
            picture_format="PNG",
            takes_image_size=False,
        ),
    )
}

# Shut down, by the deprecations page: these answer 404 in other words than a name that never was.
RETIRED = frozenset(
    {
        "gemini-3-pro-image-preview",
        "gemini-3.1-flash-image-preview",
        "gemini-2.5-flash-image-preview",
        "imagen-4.0-generate-001",
        "imagen-4.0-ultra-generate-001",
        "imagen-4.0-fast-generate-001",
    }
)
