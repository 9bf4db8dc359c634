from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.assets import rules
from nproxy.assets.rules import Flaw

SIDES = st.integers(1, 20_000)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_fitted_picture_is_inside_its_box_and_never_larger_than_it_was(
    width: int, height: int, across: int, down: int
) -> None:
    fitted = rules.fit(width, height, (across, down))
    assert 1 <= fitted[0] <= min(width, across)
    assert 1 <= fitted[1] <= min(height, down)


@given(SIDES, SIDES, st.integers(16, 4096))
def test_a_fitted_picture_keeps_its_shape_to_the_pixel(width: int, height: int, side: int) -> None:
    across, down = rules.fit(width, height, (side, side))
    scale = min(1, side / width, side / height)
    assert abs(across - width * scale) <= 1
    assert abs(down - height * scale) <= 1


@given(SIDES, SIDES, SIDES)
def test_what_fits_already_stays_as_it_is(width: int, height: int, more: int) -> None:
    assert rules.fit(width, height, (width + more, height)) == (width, height)


@given(st.sampled_from(rules.VARIANTS))
def test_every_variant_fits_into_webp(variant: int) -> None:
    assert max(rules.box_of(variant)) <= 16_383


@given(st.uuids(), st.sampled_from(list(rules.EXTENSIONS)), st.sampled_from(rules.VARIANTS))
def test_a_path_tells_whose_it_is(asset_id: uuid.UUID, media_type: str, variant: int) -> None:
    assert rules.asset_of(rules.original_path(asset_id, media_type)) == asset_id
    assert rules.asset_of(rules.rendition_path(asset_id, variant)) == asset_id
    assert rules.original_path(asset_id, media_type).startswith(rules.folder(asset_id) + "/")


@given(st.text())
def test_foreign_paths_belong_to_nobody(path: str) -> None:
    assert rules.asset_of(path) is None


@given(st.binary())
def test_only_the_three_formats_pass_the_first_look(data: bytes) -> None:
    flaw = rules.flaw_before_decoding(data)
    assert (flaw is None) == (rules.sniff(data) in rules.EXTENSIONS)
    assert flaw is not Flaw.TOO_LARGE


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"GIF89a", None),
        (b"<svg", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_format(start: bytes, media_type: str | None) -> None:
    assert rules.sniff(start) == media_type
