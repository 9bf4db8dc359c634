"""What a person uploads is never kept as it came: it is decoded, cleaned and encoded anew.

So nothing hidden in it (a second file, a script, where it was taken) reaches the store.
`BadUpload` says in words what is wrong with it; `IntakeBusy` that too many are being read.
"""

from __future__ import annotations

import threading
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nproxy.assets import ending, imaging, rules
from nproxy.assets.rules import Flaw

# One at a time in this process: a picture of 50 megapixels takes 200 MB while it is read.
_one = threading.Semaphore(1)
PATIENCE_SECONDS: Final = 10

_WORDS: Final[dict[Flaw, Promise]] = {
    Flaw.EMPTY: _("This file is empty."),
    Flaw.TOO_LARGE: _("This picture is larger than 20 MB."),
    Flaw.TOO_MANY_PIXELS: _("This picture has more than 50 megapixels."),
    Flaw.AVIF: _("This is an AVIF picture. Save it as JPEG, then add it again."),
    Flaw.UNKNOWN_FORMAT: _("Only PNG, JPEG, WebP and HEIC pictures can be used."),
    Flaw.MISLABELLED: _(
        "This is a picture of another kind than its name says. Save it as PNG, JPEG or WebP, then add it again."
    ),
    Flaw.MORE_BEHIND: _(
        "There is more in this file than a picture. Save the picture anew, then add the copy."
    ),
    Flaw.DAMAGED: _("This picture is damaged or incomplete."),
}


class BadUpload(Exception):
    """The upload cannot be used. `str()` of it is a sentence for the person, in their language."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw

    def __str__(self) -> str:
        return str(_WORDS[self.flaw])


class IntakeBusy(Exception):
    """Others' pictures are being read right now; the same upload may be sent again."""


def taken() -> rules.Taken:
    """What is taken, in the words of the current language: the page's own checks are drawn from it."""
    words = {flaw.value: str(sentence) for flaw, sentence in _WORDS.items()}
    return rules.Taken(rules.TAKEN_TYPES, rules.TAKEN_ENDINGS, rules.MAX_UPLOAD_BYTES, words)


def prepare(data: bytes, *, name: str = "", media_type: str = "") -> tuple[imaging.Encoded, str]:
    """The upload as it is stored (upright, sRGB, ≤ 2,048 px, no metadata), and its placeholder.

    `name` and `media_type` are what the sender says that it is, "" when it says nothing.
    Blocks while another upload is read. Raises BadUpload, IntakeBusy.
    """
    flaw = _flaw(data, name, media_type)
    if flaw:
        raise BadUpload(flaw)
    if not _one.acquire(timeout=PATIENCE_SECONDS):
        raise IntakeBusy
    try:
        return imaging.cleaned(data)
    except imaging.TooManyPixels as error:
        raise BadUpload(Flaw.TOO_MANY_PIXELS) from error
    except imaging.Undecodable as error:
        raise BadUpload(Flaw.DAMAGED) from error
    finally:
        _one.release()


def _flaw(data: bytes, name: str, media_type: str) -> Flaw | None:
    """What can be said against the upload without decoding it."""
    if flaw := rules.flaw_before_decoding(data):
        return flaw
    found = rules.sniff_upload(data) or ""
    if rules.is_mislabelled(found, name=name, media_type=media_type):
        return Flaw.MISLABELLED
    end = ending.end_of_picture(data, found)
    if end is None:
        return Flaw.DAMAGED
    return None if ending.is_harmless(data, end) else Flaw.MORE_BEHIND
