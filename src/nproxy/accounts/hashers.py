"""How passwords are stored."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at OWASP's floor (t=2, m=19 MiB, p=1): about 44 ms, where Django's default takes 100 MiB each time.

    Raising a number here re-hashes each password at its owner's next sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
