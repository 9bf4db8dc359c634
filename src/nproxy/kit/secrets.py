"""Secrets at rest: AES-256-GCM, bound to the place where they are kept, with keys that can be rotated.

A sealed secret is: version (1 byte), key id (4), nonce (12), ciphertext with its tag.

    WrongEncryptionKey  sealed with a key that is not in NPROXY_ENCRYPTION_KEYS any more
    SealBroken          altered, cut short, or moved here from another place
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
HEAD_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES


class WrongEncryptionKey(Exception):
    """The key that sealed this secret is not configured."""


class SealBroken(Exception):
    """What is stored is not what was sealed for this place."""


def seal(plain: str, *, place: str) -> bytes:
    """`plain`, encrypted with the newest key; opens only for the same `place` ("provider_key:<fingerprint>")."""
    key = settings.NPROXY_ENCRYPTION_KEYS[0]
    head = VERSION + _key_id(key) + os.urandom(NONCE_BYTES)
    return head + AESGCM(key).encrypt(head[-NONCE_BYTES:], plain.encode(), _bound(head, place))


def open_sealed(sealed: bytes, *, place: str) -> str:
    """The secret that was sealed for `place`. Raises WrongEncryptionKey, SealBroken."""
    sealed = bytes(sealed)
    head, ciphertext = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:]
    if len(head) < HEAD_BYTES or not head.startswith(VERSION):
        raise SealBroken(f"{place}: this is not a sealed secret")
    try:
        plain = AESGCM(_key(head)).decrypt(head[-NONCE_BYTES:], ciphertext, _bound(head, place))
    except InvalidTag as error:
        raise SealBroken(f"{place}: the stored secret was altered or belongs to another place") from error
    return plain.decode()


def key_ids() -> list[str]:
    """The ids of the configured keys, newest first: they tell keys apart and reveal nothing of them."""
    return [_key_id(key).hex() for key in settings.NPROXY_ENCRYPTION_KEYS]


def fingerprint(plain: str) -> str:
    """32 hexadecimal digits that tell equal secrets and reveal nothing; the same under every key."""
    # Not keyed by an encryption key, or a duplicate would pass after a rotation; provider keys are long and random.
    return hashlib.blake2b(plain.encode(), digest_size=16, person=b"nproxy.secret").hexdigest()


def alias(plain: str, *, place: str) -> str:
    """32 hexadecimal digits that stand for `plain` towards one outside party, named by `place`.

    Always the same ones, and nobody without NPROXY_SECRET_KEY can tell whose they are, or whether two
    parties speak of the same person.
    """
    key = hashlib.sha256(settings.NPROXY_SECRET_KEY.encode()).digest()
    return hashlib.blake2b(
        f"{place}\0{plain}".encode(), digest_size=16, key=key, person=b"nproxy.alias"
    ).hexdigest()


def _key(head: bytes) -> bytes:
    wanted = head[len(VERSION) : len(VERSION) + KEY_ID_BYTES]
    for key in settings.NPROXY_ENCRYPTION_KEYS:
        if hmac.compare_digest(_key_id(key), wanted):
            return key
    raise WrongEncryptionKey(
        "a stored secret was encrypted with a key that is not in NPROXY_ENCRYPTION_KEYS: "
        "put that key back, after the newest, or enter the secret again"
    )


def _key_id(key: bytes) -> bytes:
    return hashlib.blake2b(key, digest_size=KEY_ID_BYTES, person=b"nproxy.keyid").digest()


def _bound(head: bytes, place: str) -> bytes:
    return head[:-NONCE_BYTES] + place.encode()
