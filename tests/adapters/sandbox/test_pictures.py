"""The pictures themselves: repeatable, different where they should be, derived from their sources."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from nproxy_sandbox.drawing.lettering import LINES, face, wrapped, written
from nproxy_sandbox.drawing.painter import Commission, painted
from nproxy_sandbox.drawing.palette import PALETTES, WORDS, palette_for
from nproxy_sandbox.drawing.remake import BadSource
from nproxy_sandbox.drawing.studio import FlatStudio, weighing

FOX = Commission("a fox in the snow", 512, 384, note="sandbox")
SOURCE = painted(Commission("a quiet lake at dawn", 640, 480))


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def distance(one: bytes, other: bytes) -> float:
    """Mean difference per channel, 0 to 255, without what letters and labels cover."""
    box = (0, 80, 640, 360)
    pair = [opened(data).convert("RGB").resize((640, 480)).crop(box) for data in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*pair)).mean) / 3


def test_a_prompt_is_drawn_the_same_every_time() -> None:
    assert painted(FOX) == painted(FOX)


def test_another_prompt_or_take_is_another_picture() -> None:
    drawings = [painted(replace(FOX, take=take)) for take in range(5)]
    assert len({*drawings, painted(replace(FOX, prompt="a dog in the snow"))}) == 6


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_a_file_of_its_format(file_format: str) -> None:
    picture = opened(painted(replace(FOX, format=file_format)))
    assert (picture.format, picture.size) == (file_format, (512, 384))


def test_a_prompts_words_choose_its_colours() -> None:
    assert palette_for("A banana in a suit") is PALETTES["banana"]
    assert palette_for("tall trees") is PALETTES["forest"]
    assert palette_for("xyzzy") is palette_for("xyzzy")
    assert set(WORDS) == set(PALETTES)


def test_a_remake_resembles_its_source_the_more_the_closer_it_keeps_to_it() -> None:
    order = Commission("make it red", 640, 480, sources=(SOURCE,))
    close = painted(replace(order, prompt="make it red. Keep the composition unchanged"))
    middle = painted(order)
    free = painted(replace(order, prompt="make it red, as loose inspiration"))
    assert 0 < distance(SOURCE, close) < distance(SOURCE, middle) < distance(SOURCE, free)
    assert distance(SOURCE, middle) < distance(painted(replace(order, sources=())), SOURCE)


def test_instructions_before_the_wish_are_followed_but_not_lettered() -> None:
    order = Commission("make it red", 640, 480, sources=(SOURCE,))
    told = painted(replace(order, prompt="Change the rest as you like.\n\nmake it red"))
    assert told == painted(order)
    assert painted(replace(order, prompt="Change only what follows.\n\nmake it red")) != told


def test_every_further_source_shows() -> None:
    other = painted(FOX)
    order = Commission("together", 640, 480, sources=(SOURCE,))
    assert painted(order) != painted(replace(order, sources=(SOURCE, other)))
    assert opened(painted(replace(order, sources=(SOURCE, *[other] * 13)))).size == (640, 480)


def test_a_source_that_is_cut_off_is_a_bad_one() -> None:
    with pytest.raises(BadSource):
        painted(Commission("together", 640, 480, sources=(SOURCE[:2000],)))


@pytest.mark.parametrize(
    "words", ["", "a" * 400, "word " * 400, "кот в лесу", "猫と月", "🙂 <b>&amp;</b>\n\n\t\0"]
)
@pytest.mark.parametrize("size", [(384, 3072), (3072, 384)])
def test_any_words_fit_any_picture(words: str, size: tuple[int, int]) -> None:
    assert opened(painted(Commission(words, *size))).size == size


def test_words_are_wrapped_and_cut_to_what_fits() -> None:
    font = face("", 20)
    lines = wrapped("a long story " * 40 + "x" * 200, font, 200)
    assert len(lines) == LINES
    assert all(font.getlength(line) <= 200 for line in lines)
    assert lines[-1].endswith("…")
    assert wrapped("a fox", font, 200) == ["a fox"]


def test_letters_that_a_face_lacks_are_spelt_or_left_out() -> None:
    latin = face("", 20)
    assert written("Кот в лесу", latin) == "kot v lesu"
    assert written("cat 猫", latin) == "cat "


@pytest.mark.parametrize("size", [200_000, 1_500_000, 5_000_000])
def test_a_flat_picture_weighs_what_was_asked_and_decodes(size: int) -> None:
    data = weighing(Commission("flat", 1024, 1024), size)
    assert size - 5 <= len(data) <= size
    assert opened(data).size == (1024, 1024)


async def test_a_flat_studio_paints_once() -> None:
    studio = FlatStudio(300_000)
    first = await studio.paint(FOX)
    assert await studio.paint(replace(FOX, prompt="another", take=3)) is first
    assert (await studio.paint(replace(FOX, width=600))).width == 600
