"""The pictures on the landing page: the operator's own, else ours, which the sandbox drew (docs/landing.md)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

PLACE = Path(__file__).parent / "static" / "landing"
SUFFIXES = {".webp", ".jpg", ".jpeg", ".png"}
MOST = 12
LONGEST_WORDS = 300

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Print:
    """A picture on the wall with the words that it was drawn from, if they are known. `take` is the sandbox's."""

    name: str
    words: Promise | str
    width: int
    height: int
    take: int = 0
    is_ours: bool = True

    @property
    def url(self) -> str:
        return static(f"landing/{self.name}.webp") if self.is_ours else f"/prints/{self.name}"


OURS = (
    Print("dunes", _("Dunes at first light, long soft shadows, film grain"), 720, 960, 3),
    Print("petals", _("Paper petals in sea colours, soft light"), 960, 720, 1),
    Print("arch", _("A lemon yellow arch and one glossy sphere, studio light"), 768, 960, 3),
    Print("planet", _("A pink planet with two moons, stars like dust"), 960, 800, 3),
    Print("hills", _("Hills behind hills in the blue hour, mist between them"), 960, 720, 1),
    Print("green", _("A green planet far from its sun, quiet sky"), 720, 960, 3),
)


def prints() -> tuple[Print, ...]:
    """What hangs on the wall: what lies in the operator's folder, in the order of the names, else ours."""
    files = _files()
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files)) or OURS


def file_of(name: str) -> Path | None:
    """The operator's picture of this name."""
    return next((path for path in _files() if path.name == name), None)


def _files() -> list[Path]:
    folder = settings.NPROXY_DATA_DIR / "landing"
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if path.suffix.lower() in SUFFIXES and path.is_file()][:MOST]


@lru_cache(maxsize=2)
def _read(files: tuple[tuple[Path, int], ...]) -> tuple[Print, ...]:
    """Measured once for each state of the folder; what is no picture is left out."""
    return tuple(one for path, _changed in files if (one := _print(path)))


def _print(path: Path) -> Print | None:
    try:
        with Image.open(path) as image:
            width, height = image.size
    except (OSError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        log.warning("landing.not_a_picture", file=path.name, error=str(error))
        return None
    words = path.with_suffix(".txt")
    said = words.read_text(encoding="utf-8", errors="replace")[:LONGEST_WORDS] if words.is_file() else ""
    return Print(path.name, " ".join(said.split()), width, height, is_ours=False)
