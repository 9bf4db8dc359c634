"""The languages that people are spoken to in. Operators are spoken to in English."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.utils.translation import override

DEFAULT = "en"
# By their own names: whoever looks for theirs must be able to read it.
LANGUAGES = {"en": "English", "ru": "Русский"}


def spoken(language: str) -> AbstractContextManager[None]:
    """Within it, words, dates and plurals are in `language`; "" (nobody has said) is English."""
    return override(language or DEFAULT)
