"""What a picture is, by its bytes: declared types have lied, and answers have ended early."""

from __future__ import annotations

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
JPEG_HEAD = b"\xff\xd8\xff"
JPEG_END = b"\xff\xd9"  # never within a JPEG's coded data: 0xFF is followed by 0x00 there


def is_whole_picture(data: bytes) -> bool:
    """Whether `data` begins and ends like a PNG, a JPEG or a WebP, the formats that are kept.

    Something may follow the end (metadata), but it lies in the second half.
    """
    half = len(data) // 2
    if data.startswith(PNG_HEAD):
        return data.rfind(PNG_END, half) >= 0
    if data.startswith(JPEG_HEAD):
        return data.rfind(JPEG_END, half) >= 0
    is_webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    return is_webp and len(data) >= int.from_bytes(data[4:8], "little") + 8
