"""Secrets that a development machine makes for itself, once, in the data directory."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from nproxy.config.reading import SettingError
from nproxy.kit.folders import make_private


def secret_key(data_dir: Path) -> str:
    """Django's SECRET_KEY of this data directory."""
    return _once(data_dir / "secrets" / "secret_key", lambda: secrets.token_urlsafe(48))


def encryption_key(data_dir: Path) -> str:
    """The key for secrets at rest of this data directory: 32 bytes in base64."""
    return _once(data_dir / "secrets" / "encryption_key", _random_key)


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _once(path: Path, make: Callable[[], str]) -> str:
    """The content of `path`, made by whichever process comes first; all others get the same."""
    try:
        if not path.exists():
            make_private(path.parent)
            _publish(path, make())
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingError(f"NPROXY_DATA_DIR: cannot use {path}: {error.strerror}") from error


def _publish(path: Path, content: str) -> None:
    # A link appears whole or not at all, and only for the first: nobody reads half a key.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
