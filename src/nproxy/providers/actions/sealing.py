"""The stored secrets of keys and proxies: whether they open, and their move to the newest encryption key."""

from __future__ import annotations

from collections.abc import Iterator

from nproxy.kit import secrets
from nproxy.providers.actions.calling import place_of, place_of_proxy
from nproxy.providers.models import ProviderKey, Proxy


def unopened_secrets() -> list[str]:
    """Whatever the present encryption keys do not open, each with its name and the reason; none when all is well."""
    found = []
    for name, sealed, place in _sealed():
        try:
            secrets.open_sealed(sealed, place=place)
        except (secrets.WrongEncryptionKey, secrets.SealBroken) as error:
            found.append(f"{name}: {error}")
    return found


def rotate_secrets() -> int:
    """Seal every secret anew with the newest encryption key; returns how many. Safe to run again.

    Raises `kit.secrets.WrongEncryptionKey` when one cannot be opened; those before it are done.
    """
    rotated = 0
    for key in ProviderKey.objects.only("id", "fingerprint", "sealed_secret").order_by("id").iterator():
        old = bytes(key.sealed_secret)
        fresh = _anew(old, place_of(key.fingerprint))
        rotated += ProviderKey.objects.filter(id=key.pk, sealed_secret=old).update(sealed_secret=fresh)
    for proxy in Proxy.objects.only("id", "name", "sealed_url").order_by("id").iterator():
        old = bytes(proxy.sealed_url)
        fresh = _anew(old, place_of_proxy(proxy.name))
        rotated += Proxy.objects.filter(id=proxy.pk, sealed_url=old).update(sealed_url=fresh)
    return rotated


def _sealed() -> Iterator[tuple[str, bytes, str]]:
    for key in ProviderKey.objects.order_by("id"):
        yield f"key {key.pk} ({key.label})", bytes(key.sealed_secret), place_of(key.fingerprint)
    for proxy in Proxy.objects.order_by("id"):
        yield f"proxy {proxy.name}", bytes(proxy.sealed_url), place_of_proxy(proxy.name)


def _anew(sealed: bytes, place: str) -> bytes:
    return secrets.seal(secrets.open_sealed(sealed, place=place), place=place)
