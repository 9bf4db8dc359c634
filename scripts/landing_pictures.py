"""Paints the pictures of the landing page with the sandbox, without letters on them: docs/landing.md.

Needed only when `web/landing/prints.py` or the sandbox's hand changes; the pictures are in the repository.
"""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import override
from PIL import Image

from nproxy.cli import door
from nproxy_sandbox.drawing.painter import Commission, painted

door.start_django()

from nproxy.web.landing.prints import OURS, PLACE  # noqa: E402 - its words need Django

QUALITY = 82
SHARE = (1200, 630)
# The third step of the landing page: one picture, and what became of it.
STEPS = {
    "step-source": "",
    "step-subtle": "Change only what is asked for, preserve every detail.\n\nby moonlight, blue night",
    "step-strong": "Take it as loose inspiration.\n\nby moonlight, blue night",
}


def main() -> None:
    with override("en"):
        for each in OURS:
            keep(each.name, commission(str(each.words), each.width, each.height, each.take))
        source = painted(commission(str(OURS[2].words), 640, 640, OURS[2].take))
        for name, wish in STEPS.items():
            again = Commission(wish, 640, 640, format="PNG", sources=(source,), lettered=False)
            keep(name, again if wish else commission(str(OURS[2].words), 640, 640, OURS[2].take))
        shared = painted(commission(str(OURS[3].words), *SHARE, OURS[3].take))
        Image.open(BytesIO(shared)).save(PLACE / "share.jpg", quality=QUALITY, optimize=True)


def commission(words: str, width: int, height: int, take: int) -> Commission:
    return Commission(words, width, height, format="PNG", take=take, lettered=False)


def keep(name: str, wanted: Commission) -> None:
    target = PLACE / f"{name}.webp"
    Image.open(BytesIO(painted(wanted))).save(target, quality=QUALITY, method=6)
    print(f"{target.name}  {target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
