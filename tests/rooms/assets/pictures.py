"""Pictures to test with, good and bad, drawn here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageCms


def gradient(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Dark at the top, bright at the bottom: one can see which way is up."""
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """Something that does not compress."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 80) for _ in range(3)])


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width: int = 64, height: int = 48) -> bytes:
    return encoded(gradient(width, height), "PNG")


def jpeg(width: int = 64, height: int = 48, **options: Any) -> bytes:
    return encoded(gradient(width, height), "JPEG", **options)


def webp(width: int = 64, height: int = 48) -> bytes:
    return encoded(gradient(width, height), "WEBP")


def heic(width: int = 64, height: int = 48, **options: Any) -> bytes:
    """A photo as phones write it."""
    return encoded(gradient(width, height), "HEIF", **options)


def heic_claiming(width: int, height: int) -> bytes:
    """A small HEIC whose header claims any size."""
    data = heic()
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def turned(orientation: int) -> bytes:
    """A JPEG as a phone held sideways writes it: the pixels lie, EXIF says how to stand them up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    return encoded(gradient(80, 40), "JPEG", exif=exif)


def with_swapped_profile() -> bytes:
    """A red picture whose profile says that its red is what sRGB calls green."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    renamed = swapped.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    return encoded(Image.new("RGB", (8, 8), (200, 30, 30)), "PNG", icc_profile=renamed)


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        box.writestr("run.js", "alert(1)")
    return out.getvalue()


def box(kind: bytes, body: bytes = b"") -> bytes:
    """One box of an MP4."""
    return struct.pack(">I", 8 + len(body)) + kind + body


def film() -> bytes:
    """An MP4 as a motion photo carries it behind its JPEG; its pixels are nonsense."""
    return box(b"ftyp", b"mp42\0\0\0\0") + box(b"mdat", b"coded" * 9) + box(b"moov", box(b"mvhd"))


def samsung_trailer(content: bytes = b"1763800000000") -> bytes:
    """What a Galaxy writes behind each photo: named blocks, an index of them, its length."""
    name = b"Image_UTC_Data"
    block = struct.pack("<HHI", 0, 0x0A01, len(name)) + name + content
    index = b"SEFH" + struct.pack("<II", 106, 1) + struct.pack("<HHII", 0, 0x0A01, len(block), len(block))
    return block + index + struct.pack("<I", len(index)) + b"SEFT"


def animated_webp() -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)


def animated_png() -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    return encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])


def two_in_one_jpeg() -> bytes:
    """MPO, as many phones write it: a JPEG with a second picture behind the first."""
    return encoded(gradient(64, 48), "MPO", save_all=True, append_images=[gradient(16, 12)])


def sixteen_bit_gray() -> bytes:
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 65535)
    image.putpixel((1, 0), 32768)
    return encoded(image, "PNG")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
AVIF = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif" + b"\0" * 64
HTML_IN_PNG = b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>"
