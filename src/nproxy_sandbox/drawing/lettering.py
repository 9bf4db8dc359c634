"""The prompt's words on the picture, in a face that Pillow brings along."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from nproxy_sandbox.drawing.brush import rounded_mask
from nproxy_sandbox.drawing.palette import Palette

LINES = 4
# Pillow's own face is Latin only. These are asked for where a prompt needs more; no machine must have them.
WIDER_FACES = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
LAST_LATIN = "\u024f"
CYRILLIC = dict(
    zip(
        map(ord, "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(
            " "
        ),
        strict=True,
    )
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def caption(picture: Image.Image, words: str, note: str, palette: Palette) -> None:
    """Set `words` at the foot, and `note`, small, on a label at the head."""
    _shade(picture, palette)
    short = min(picture.size)
    size, margin = max(11, round(short / 19)), max(6, round(short / 18))
    _label(picture, note, margin, palette)
    font = face(words, size)
    draw = ImageDraw.Draw(picture)
    bottom = picture.height - margin
    for line in reversed(wrapped(written(words, font), font, picture.width - 2 * margin)):
        draw.text((margin, bottom), line, fill=palette.light, font=font, anchor="ls")
        bottom -= round(size * 1.28)


def _label(picture: Image.Image, note: str, margin: int, palette: Palette) -> None:
    if not note:
        return
    size = max(9, round(min(picture.size) / 48))
    font = face(note, size)
    label = Image.new("RGB", (round(font.getlength(note) + size * 1.6), round(size * 1.9)), palette.light)
    ImageDraw.Draw(label).text((size * 0.8, label.height / 2), note, fill=palette.ink, font=font, anchor="lm")
    picture.paste(label, (margin, margin), rounded_mask(label.size, label.height / 2))


def quiet(picture: Image.Image) -> None:
    """Blur the foot, where a source may bear a caption already."""
    box = (0, picture.height * 4 // 5, *picture.size)
    foot = picture.crop(box)
    strokes = foot.resize((max(1, foot.width // 64), max(1, foot.height // 64)), Image.Resampling.BOX)
    mask = (
        Image.linear_gradient("L").crop((0, 0, 1, 256)).point([min(255, value * 3) for value in range(256)])
    )
    picture.paste(strokes.resize(foot.size, Image.Resampling.BICUBIC), box, mask.resize(foot.size))


def _shade(picture: Image.Image, palette: Palette) -> None:
    """Darken the foot so that light letters can be read there."""
    tall = picture.height * 2 // 5
    ramp = [round(200 * (value / 255) ** 1.4) for value in range(256)]
    mask = Image.linear_gradient("L").crop((0, 0, 1, 256)).point(ramp)
    mask = mask.resize((picture.width, tall), Image.Resampling.BILINEAR)
    picture.paste(palette.ink, (0, picture.height - tall, picture.width, picture.height), mask)


def wrapped(words: str, font: Font, width: int) -> list[str]:
    """At most LINES lines that fit `width` pixels; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = [line if font.getlength(line) <= width else cut(line, font, width) for line in lines[:LINES]]
    if len(lines) > LINES:
        shown[-1] = cut(shown[-1], font, width)
    return shown


def cut(line: str, font: Font, width: int) -> str:
    """`line` shortened until it fits `width` pixels with an ellipsis behind it."""
    line = line.rstrip(" …")
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"


def face(words: str, size: int) -> Font:
    """A face of `size` pixels; for more than Latin one of the machine's own, if it has one."""
    return _face(size, any(letter > LAST_LATIN for letter in words))


@lru_cache(maxsize=64)
def _face(size: int, wide: bool) -> Font:
    for name in WIDER_FACES if wide else ():
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def written(words: str, font: Font) -> str:
    """`words` as `font` can set them: Cyrillic that it lacks in Latin letters, without other signs it lacks."""
    if all(_sets(font, letter) for letter in words):
        return words
    spelt = "".join(letter if _sets(font, letter) else letter.lower().translate(CYRILLIC) for letter in words)
    return "".join(letter for letter in spelt if _sets(font, letter))


@lru_cache(maxsize=4096)
def _sets(font: Font, letter: str) -> bool:
    return letter <= LAST_LATIN or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))
