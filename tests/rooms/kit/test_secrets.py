from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from nproxy.kit import secrets
from nproxy.kit.secrets import SealBroken, WrongEncryptionKey

OLD, NEW = bytes([1] * 32), bytes([2] * 32)


@pytest.fixture(autouse=True)
def one_key(settings: Settings) -> None:
    settings.NPROXY_ENCRYPTION_KEYS = [OLD]


@given(st.text(), st.text())
def test_what_was_sealed_opens_in_its_place_and_shows_nothing(plain: str, place: str) -> None:
    sealed = secrets.seal(plain, place=place)
    assert secrets.open_sealed(sealed, place=place) == plain
    assert len(plain.encode()) < 4 or plain.encode() not in sealed


def test_the_same_secret_never_looks_the_same_twice() -> None:
    assert secrets.seal("secret", place="a") != secrets.seal("secret", place="a")


def test_a_sealed_secret_opens_nowhere_else() -> None:
    sealed = secrets.seal("secret", place="provider_key:1")
    with pytest.raises(SealBroken, match="provider_key:2"):
        secrets.open_sealed(sealed, place="provider_key:2")


@pytest.mark.parametrize("position", [5, 16, 17, -1])
def test_an_altered_secret_does_not_open(position: int) -> None:
    sealed = bytearray(secrets.seal("secret", place="a"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        secrets.open_sealed(bytes(sealed), place="a")


@pytest.mark.parametrize("length", [0, 1, 16, 17, 30])
def test_a_secret_that_was_cut_short_does_not_open(length: int) -> None:
    with pytest.raises(SealBroken):
        secrets.open_sealed(secrets.seal("secret", place="a")[:length], place="a")


def test_after_a_rotation_the_newest_key_seals_and_all_of_them_open(settings: Settings) -> None:
    old = secrets.seal("secret", place="a")
    settings.NPROXY_ENCRYPTION_KEYS = [NEW, OLD]
    new = secrets.seal("secret", place="a")
    assert secrets.open_sealed(old, place="a") == secrets.open_sealed(new, place="a") == "secret"
    settings.NPROXY_ENCRYPTION_KEYS = [NEW]
    assert secrets.open_sealed(new, place="a") == "secret"


def test_a_missing_key_is_said_in_clear_words(settings: Settings) -> None:
    sealed = secrets.seal("secret", place="a")
    settings.NPROXY_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(WrongEncryptionKey, match="not in NPROXY_ENCRYPTION_KEYS"):
        secrets.open_sealed(sealed, place="a")


def test_a_database_row_gives_a_memoryview_and_that_opens_too() -> None:
    assert secrets.open_sealed(memoryview(secrets.seal("secret", place="a")), place="a") == "secret"


def test_equal_secrets_have_equal_fingerprints_whatever_the_key(settings: Settings) -> None:
    before = secrets.fingerprint("secret")
    settings.NPROXY_ENCRYPTION_KEYS = [NEW, OLD]
    assert secrets.fingerprint("secret") == before != secrets.fingerprint("Secret")
    assert len(before) == 32


def test_an_alias_is_always_the_same_and_tells_nothing(settings: Settings) -> None:
    alias = secrets.alias("7", place="provider")
    assert alias == secrets.alias("7", place="provider")
    assert len({alias, secrets.alias("8", place="provider"), secrets.alias("7", place="other")}) == 3
    settings.NPROXY_SECRET_KEY = "another key of this house"
    assert secrets.alias("7", place="provider") != alias, "nobody can make it without the key"
