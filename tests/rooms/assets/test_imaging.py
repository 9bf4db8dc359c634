"""Renditions, placeholders and sources of pictures that a provider drew."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.rooms.assets import pictures
from tests.rooms.assets.pictures import encoded, opened

from nproxy.assets import imaging
from nproxy.assets.imaging import Undecodable
from nproxy.assets.rules import VARIANTS


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(pictures.png(), "image/png"), (pictures.jpeg(), "image/jpeg"), (pictures.webp(), "image/webp")],
)
def test_type_and_size_are_read_from_the_bytes(data: bytes, media_type: str) -> None:
    study = imaging.study(data)
    assert (study.media_type, study.width, study.height) == (media_type, 64, 48)


def test_a_sideways_picture_is_measured_as_it_is_seen() -> None:
    study = imaging.study(pictures.turned(6))
    assert (study.width, study.height) == (40, 80)
    assert opened(study.smaller.data).size == (40, 80)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_rendition_is_a_webp_of_its_width(variant: int) -> None:
    made = imaging.rendition(pictures.jpeg(2000, 1000), variant)
    image = opened(made.data)
    assert (image.format, image.size) == ("WEBP", (variant, variant // 2))
    assert (made.width, made.height, made.media_type) == (*image.size, "image/webp")


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.sampled_from(VARIANTS))
def test_no_rendition_is_larger_than_its_picture(width: int, height: int, variant: int) -> None:
    made = imaging.rendition(pictures.png(width, height), variant)
    assert 1 <= made.width <= min(width, variant)
    assert 1 <= made.height <= height


def test_a_rendition_keeps_transparency() -> None:
    made = imaging.rendition(encoded(Image.new("RGBA", (700, 700), (0, 0, 255, 90)), "PNG"), 320)
    assert opened(made.data).mode == "RGBA"


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300))
def test_a_placeholder_is_a_picture_of_at_most_1_kb(width: int, height: int) -> None:
    address = imaging.study(encoded(pictures.noise(width, height), "PNG")).placeholder
    head, _, body = address.partition(",")
    assert head == "data:image/webp;base64"
    assert len(address) <= 1024
    assert max(opened(base64.b64decode(body)).size) <= 24


@pytest.mark.parametrize("data", [b"", b"{}", pictures.SVG, pictures.HTML_IN_PNG, pictures.png()[:60]])
def test_what_is_no_picture_is_undecodable(data: bytes) -> None:
    for step in (imaging.study, imaging.cleaned, lambda given: imaging.rendition(given, 320)):
        with pytest.raises(Undecodable):
            step(data)


def test_a_source_has_at_most_2048_pixels_and_no_metadata() -> None:
    made = imaging.source(pictures.turned(6), 10_000_000)
    assert b"Secret" not in made.data
    assert (made.width, made.height) == (40, 80)
    large = imaging.source(pictures.jpeg(4096, 1024), 10_000_000)
    assert (large.width, large.height) == (2048, 512)


def test_a_source_shrinks_until_it_fits_its_share() -> None:
    data = encoded(pictures.noise(1200, 900), "PNG")
    made = imaging.source(data, 100_000)
    assert len(made.data) <= 100_000
    assert made.width / made.height == pytest.approx(4 / 3, rel=0.01)
