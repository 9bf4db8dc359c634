"""The text of .env: filled without losing a word of it, and read back as it was meant."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nproxy.cli import env_file
from nproxy.config import reading

NAMES = st.from_regex(r"NPROXY_[A-Z]{1,12}", fullmatch=True)
VALUES = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="'")
).filter(lambda value: value == value.strip() and value)


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
def test_what_was_filled_in_is_what_the_product_and_we_read(
    before: dict[str, str], given: dict[str, str]
) -> None:
    text = env_file.filled(env_file.filled("", before), given)
    assert env_file.values(text) == before | given


def test_the_product_reads_the_same(tmp_path: Path) -> None:
    given = {"NPROXY_A": "plain", "NPROXY_B": "with space # and $HOME", "NPROXY_C": 'a "quoted" word'}
    (tmp_path / ".env").write_text(env_file.filled("", given))
    assert reading.dotenv(tmp_path / ".env") == given


def test_comments_and_order_stay_and_a_commented_line_is_used() -> None:
    text = "# About A.\n# NPROXY_A=example\n\nNPROXY_B=1\n"
    assert env_file.filled(text, {"NPROXY_A": "x", "NPROXY_B": "2", "NPROXY_C": "3"}) == (
        "# About A.\nNPROXY_A=x\n\nNPROXY_B=2\nNPROXY_C=3\n"
    )
