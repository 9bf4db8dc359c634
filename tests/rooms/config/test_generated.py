from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nproxy.config import generated, reading


def test_secrets_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    made = generated.secret_key(tmp_path)
    assert generated.secret_key(tmp_path) == made
    assert generated.secret_key(tmp_path / "other") != made
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_all_who_come_together_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: generated.encryption_key(tmp_path), range(64)))
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["encryption_key"]
    assert len(reading.encryption_keys(made.pop())) == 1


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("in the way")
    with pytest.raises(reading.SettingError, match="NPROXY_DATA_DIR: cannot use"):
        generated.secret_key(tmp_path)
