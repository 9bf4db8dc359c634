"""QR codes as inline SVG, drawn with attributes only: the page's policy allows no inline styles."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe

# Four modules of white around it are part of the code (ISO/IEC 18004): a dark page must not reach its edge.
QUIET_ZONE = 4


def svg(text: str, title: str) -> SafeString:
    """The code of `text`, black on white whatever the theme; `title` is read aloud in its place."""
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title=title,
        nl=False,
    )
    return mark_safe(drawing.getvalue().decode())  # noqa: S308 - segno escapes the title; the rest are numbers
