"""Folders that are nobody else's business."""

from __future__ import annotations

from pathlib import Path


def make_private(path: Path) -> None:
    """Make the folder, and what is missing above it, for this account alone (0700).

    One that is there already keeps its mode: it may be a mount, or someone's home.
    """
    for folder in reversed((path, *path.parents)):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
