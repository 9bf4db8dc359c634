"""What a person uploads: what is refused, with which words, and what becomes of the rest."""

from __future__ import annotations

import threading

import hypothesis.strategies as st
import pytest
from hypothesis import given
from PIL import Image
from tests.rooms.assets import pictures
from tests.rooms.assets.pictures import encoded, gradient, opened

from nproxy.assets import ending, imaging, intake, rules
from nproxy.assets.intake import BadUpload, IntakeBusy
from nproxy.assets.rules import MAX_UPLOAD_BYTES

REFUSED = {
    "empty": (b"", "empty"),
    "over 20 MB": (pictures.png() + b"\0" * MAX_UPLOAD_BYTES, "20 MB"),
    "a bomb of 3,600 megapixels": (pictures.claiming(60_000, 60_000), "50 megapixels"),
    "a bomb that Pillow would only warn of": (pictures.claiming(12_000, 10_000), "50 megapixels"),
    "51 megapixels": (pictures.claiming(8_500, 6_000), "50 megapixels"),
    "no pixels": (pictures.claiming(0, 0), "damaged"),
    "a header and nothing else": (pictures.claiming(64, 64), "damaged"),
    "half a JPEG": (pictures.jpeg(400, 300)[:2000], "damaged"),
    "half a PNG": (encoded(pictures.noise(64, 64), "PNG")[:6000], "damaged"),
    "half a WebP": (encoded(pictures.noise(64, 64), "WEBP")[:600], "damaged"),
    "a page behind a PNG's first bytes": (pictures.HTML_IN_PNG, "damaged"),
    "a GIF, whatever its name": (encoded(gradient(8, 8), "GIF"), "Only PNG, JPEG, WebP and HEIC"),
    "a BMP": (encoded(gradient(8, 8), "BMP"), "Only PNG, JPEG, WebP and HEIC"),
    "an SVG": (pictures.SVG, "Only PNG, JPEG, WebP and HEIC"),
    "text": (b"hello", "Only PNG, JPEG, WebP and HEIC"),
    "an AVIF": (pictures.AVIF, "AVIF"),
    "half a HEIC": (pictures.heic()[:-40], "damaged"),
    "a HEIC of nothing": (pictures.heic()[:24] + bytes(64), "damaged"),
    "a HEIC that says it is larger than it is": (pictures.heic_claiming(9_000, 9_000), "damaged"),
    "a JPEG without its end": (pictures.jpeg()[:-2], "damaged"),
    "a WebP without its end": (pictures.webp()[:-2], "damaged"),
}
SCRIPT = b"<script>alert(1)</script>"
POLYGLOT = {
    f"{kind} and {behind}": picture + tail
    for kind, picture in {
        "JPEG": pictures.jpeg(),
        "PNG": pictures.png(),
        "WebP": pictures.webp(),
        "double JPEG": pictures.two_in_one_jpeg(),
        "HEIC": pictures.heic(),
    }.items()
    for behind, tail in {
        "a script": SCRIPT,
        "an archive": pictures.archive(),
        "a script behind padding": bytes(40) + SCRIPT,
        "something that starts like a film": pictures.box(b"ftyp", b"mp42") + SCRIPT,
        "a film with a script behind it": pictures.film() + SCRIPT,
        "half a film": pictures.film()[:-9],
        "half a JPEG": pictures.jpeg()[:200],
        "something that ends like a Galaxy's photo": SCRIPT + b"SEFT",
        "a script and a Galaxy's trailer": SCRIPT + pictures.samsung_trailer(),
    }.items()
}
FROM_A_CAMERA = {
    "padding": pictures.jpeg() + bytes(4096),
    "a line break behind a PNG": pictures.png() + b"\r\n",
    "padding behind a WebP": pictures.webp() + bytes(3),
    "a gain map": pictures.jpeg() + pictures.jpeg(16, 12),
    "a motion photo": pictures.two_in_one_jpeg() + bytes(16) + pictures.film(),
    "a Galaxy's photo": pictures.jpeg() + pictures.samsung_trailer(),
    "a Galaxy's motion photo": pictures.jpeg() + pictures.samsung_trailer(pictures.film()),
    "progressive": pictures.jpeg(600, 400, progressive=True),
    "restart markers": pictures.jpeg(600, 400, restart_marker_rows=1),
    "a preview in its EXIF": pictures.jpeg(exif=b"Exif\0\0" + pictures.jpeg(16, 12)),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_usable_picture_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(BadUpload) as refusal:
        intake.prepare(data)
    assert words in str(refusal.value)


@pytest.mark.parametrize("data", POLYGLOT.values(), ids=POLYGLOT.keys())
def test_a_picture_with_something_else_behind_it_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadUpload, match="more in this file than a picture"):
        intake.prepare(data)


@pytest.mark.parametrize("data", FROM_A_CAMERA.values(), ids=FROM_A_CAMERA.keys())
def test_what_cameras_write_behind_a_picture_is_taken_and_dropped(data: bytes) -> None:
    kept, _ = intake.prepare(data)
    assert opened(kept.data).size == (kept.width, kept.height)
    assert not any(word in kept.data for word in (b"moov", b"SEFT", b"\0" * 64))


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (pictures.webp(), "cat.png", "image/jpeg"),
        (pictures.webp(), "cat.png", ""),
        (pictures.webp(), "", "image/jpeg"),
        (pictures.png(), "cat.JPG", "image/png"),
        (pictures.png(), "cat.png", "image/JPEG; q=1"),
        (pictures.jpeg(), "cat.svg", ""),
        (pictures.jpeg(), "cat", "image/heic"),
        (pictures.heic(), "cat.jpg", "image/jpeg"),
    ],
)
def test_a_picture_of_another_kind_than_its_label_says_is_refused(
    data: bytes, name: str, media_type: str
) -> None:
    with pytest.raises(BadUpload, match="another kind than its name says"):
        intake.prepare(data, name=name, media_type=media_type)


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (pictures.jpeg(), "IMG 1.JPEG", "image/jpeg"),
        (pictures.jpeg(), "photo.jfif", "image/pjpeg"),
        (pictures.jpeg(), "jpg", "application/octet-stream"),
        (pictures.png(), "a.webp.png", "image/x-png"),
        (pictures.animated_png(), "a.apng", "image/apng"),
        (pictures.webp(), "blob", "image/webp"),
        (pictures.webp(), "no. 5", ""),
        (pictures.heic(), "IMG_0042.HEIC", "image/heic"),
        (pictures.heic(), "IMG_0042.heif", ""),
    ],
)
def test_a_label_that_fits_or_says_nothing_is_no_flaw(data: bytes, name: str, media_type: str) -> None:
    assert intake.prepare(data, name=name, media_type=media_type)


@given(st.sampled_from([pictures.jpeg(), pictures.png(), pictures.webp()]), st.binary(max_size=64))
def test_whatever_follows_a_picture_its_end_is_found(data: bytes, tail: bytes) -> None:
    assert ending.end_of_picture(data + tail, rules.sniff(data) or "") == len(data)
    assert not ending.is_harmless(data + b"<" + tail, len(data))


def test_a_photo_from_a_phone_becomes_a_jpeg_without_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    kept, placeholder = intake.prepare(pictures.heic(400, 300, exif=exif), name="IMG_0001.HEIC")
    assert (kept.media_type, kept.width, kept.height) == ("image/jpeg", 400, 300)
    assert opened(kept.data).format == "JPEG"
    assert b"SecretCamera" not in kept.data
    assert placeholder.startswith("data:image/webp")


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_from_a_phone_held_any_way_stands_upright_and_is_turned_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = Image.new("RGB", (80, 40), "black")
    lying.paste("white", (0, 0, 40, 40))
    lying.info["exif"] = exif.tobytes()
    kept, _ = intake.prepare(encoded(lying, "HEIF", quality=95))
    seen = opened(kept.data).convert("L")
    size, bright = {
        1: ((80, 40), (10, 20)),
        3: ((80, 40), (70, 20)),
        6: ((40, 80), (20, 10)),
        8: ((40, 80), (20, 70)),
    }[orientation]
    assert seen.size == size
    assert seen.getpixel(bright) > 200


def test_a_photo_from_a_phone_has_the_same_limit_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(BadUpload, match="50 megapixels"):
        intake.prepare(pictures.heic(64, 48))


def test_what_the_page_checks_is_what_the_server_checks() -> None:
    taken = intake.taken()
    assert taken.max_bytes == MAX_UPLOAD_BYTES
    for make, ending_, media_type in [
        (pictures.png, ".png", "image/png"),
        (pictures.jpeg, ".jpg", "image/jpeg"),
        (pictures.webp, ".webp", "image/webp"),
        (pictures.heic, ".heic", "image/heic"),
    ]:
        assert ending_ in taken.endings
        assert media_type in taken.types
        assert intake.prepare(make(), name=f"a{ending_}", media_type=media_type)
    with pytest.raises(BadUpload) as refusal:
        intake.prepare(b"no picture", name="a.gif")
    assert str(refusal.value) == taken.words["unknown_format"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(orientation: int) -> None:
    upright = gradient(80, 40)
    laid = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    kept, _ = intake.prepare(encoded(laid, "JPEG", exif=exif))
    image = opened(kept.data).convert("L")
    assert image.size == (kept.width, kept.height) == (80, 40)
    assert image.getpixel((40, 2)) < 40
    assert image.getpixel((40, 37)) > 200


def test_no_metadata_survives() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    for kind in ("JPEG", "PNG", "WEBP"):
        options = {"comment": b"SecretComment"} if kind == "JPEG" else {}
        data = encoded(gradient(64, 64), kind, exif=exif, xmp=b"<x:xmpmeta>SecretPlace", **options)
        assert b"Secret" in data
        kept, _ = intake.prepare(data)
        assert b"Secret" not in kept.data
        assert not {"exif", "xmp", "comment", "icc_profile", "dpi"} & opened(kept.data).info.keys()


def test_a_large_picture_is_shrunk_to_2048_and_a_small_one_is_not_grown() -> None:
    large, _ = intake.prepare(pictures.jpeg(5000, 2500))
    small, _ = intake.prepare(pictures.png(3, 500))
    assert (large.width, large.height) == (2048, 1024)
    assert (small.width, small.height) == (3, 500)


@pytest.mark.parametrize("data", [pictures.animated_png(), pictures.animated_webp()])
def test_of_an_animation_the_first_frame_is_taken(data: bytes) -> None:
    kept, _ = intake.prepare(data)
    red, green, blue = opened(kept.data).getpixel((16, 16))
    assert red > 240
    assert max(green, blue) < 15


def test_of_a_phones_double_jpeg_the_first_picture_is_taken() -> None:
    kept, _ = intake.prepare(pictures.two_in_one_jpeg())
    assert (kept.media_type, kept.width, kept.height) == ("image/jpeg", 64, 48)


MODES = {
    "bitmap": encoded(gradient(32, 32, "1"), "PNG"),
    "gray": encoded(gradient(32, 32, "L"), "PNG"),
    "palette": encoded(gradient(32, 32, "P"), "PNG"),
    "CMYK": encoded(gradient(32, 32, "CMYK"), "JPEG"),
    "gray JPEG": encoded(gradient(32, 32, "L"), "JPEG"),
    "opaque alpha": encoded(gradient(32, 32, "RGBA"), "PNG"),
    "opaque WebP": encoded(gradient(32, 32), "WEBP"),
}


@pytest.mark.parametrize("data", MODES.values(), ids=MODES.keys())
def test_every_way_to_write_pixels_becomes_an_rgb_jpeg(data: bytes) -> None:
    kept, _ = intake.prepare(data)
    image = opened(kept.data)
    assert (kept.media_type, image.mode, image.size) == ("image/jpeg", "RGB", (32, 32))
    assert image.convert("L").getpixel((16, 1)) < 60
    assert image.convert("L").getpixel((16, 30)) > 190


def test_sixteen_bit_gray_keeps_its_shades() -> None:
    kept, _ = intake.prepare(pictures.sixteen_bit_gray())
    image = opened(kept.data).convert("L")
    assert image.getpixel((0, 0)) > 250
    assert 110 < image.getpixel((1, 0)) < 145


TRANSPARENT = {
    "RGBA": encoded(Image.new("RGBA", (16, 16), (255, 0, 0, 60)), "PNG"),
    "gray with alpha": encoded(Image.new("LA", (16, 16), (90, 60)), "PNG"),
    "palette with a clear colour": encoded(Image.new("P", (16, 16), 0), "PNG", transparency=0),
    "RGB with a clear colour": encoded(Image.new("RGB", (16, 16), "red"), "PNG", transparency=(255, 0, 0)),
    "WebP": encoded(Image.new("RGBA", (16, 16), (255, 0, 0, 60)), "WEBP", lossless=True),
}


@pytest.mark.parametrize("data", TRANSPARENT.values(), ids=TRANSPARENT.keys())
def test_transparency_is_kept_as_png(data: bytes) -> None:
    kept, placeholder = intake.prepare(data)
    image = opened(kept.data)
    assert (kept.media_type, image.mode) == ("image/png", "RGBA")
    assert image.getchannel("A").getextrema()[0] < 255
    assert placeholder


def test_an_embedded_profile_is_applied_and_dropped() -> None:
    kept, _ = intake.prepare(pictures.with_swapped_profile())
    image = opened(kept.data)
    red, green, _blue = image.getpixel((4, 4))
    assert green > red + 80
    assert "icc_profile" not in image.info


def test_broken_profiles_and_broken_exif_are_ignored() -> None:
    for options in ({"icc_profile": b"nonsense"}, {"exif": b"Exif\x00\x00nonsense"}):
        kept, _ = intake.prepare(pictures.jpeg(**options))
        assert (kept.width, kept.height) == (64, 48)


def test_uploads_are_read_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0
    real = imaging.cleaned

    def counted(data: bytes) -> tuple[imaging.Encoded, str]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return real(data)
        finally:
            inside -= 1

    monkeypatch.setattr(imaging, "cleaned", counted)
    data = pictures.png(800, 800)
    threads = [threading.Thread(target=intake.prepare, args=[data]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_has_waited_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", 0.01)
    with intake._one, pytest.raises(IntakeBusy):
        intake.prepare(pictures.png())
    assert intake.prepare(pictures.png())


def test_a_refused_upload_frees_the_way_for_the_next() -> None:
    for _ in range(3):
        with pytest.raises(BadUpload):
            intake.prepare(pictures.HTML_IN_PNG)
    assert intake.prepare(pictures.png())
