"""`make translations`: the catalogues of what people read. `check` says what is wrong with them and changes nothing.

    make translations                         brings every .po up to date with the sources, and every .mo with its .po
    python scripts/translations.py check      exits 1 and names each string that is missing, fuzzy, obsolete or odd

docs/translations.md says how a string comes to be translated.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from words import catalogues, extraction, faults, unmarked  # noqa: E402 - after the path is set

PACKAGE = ROOT / "src" / "nproxy"


def update() -> int:
    """Write every catalogue anew: what is new stands there empty, what is gone is gone."""
    kept = catalogues.known(PACKAGE)
    for folder, messages in extraction.by_folder(PACKAGE).items():
        for language in catalogues.LANGUAGES:
            catalogues.write(folder, language, messages, kept[language])
    open_strings = faults.missing(PACKAGE)
    print(*open_strings, sep="\n")
    print(f"{len(open_strings)} strings have no translation yet")
    return 0


def check() -> int:
    """Print what is wrong with the catalogues."""
    found = [*unmarked.words(PACKAGE), *faults.all_of(PACKAGE)]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["check"] else update())
