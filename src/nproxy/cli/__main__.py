"""`python -m nproxy.cli` is `nproxy`: how one nproxy process starts another with the same interpreter."""

from __future__ import annotations

from nproxy.cli import main

main()
