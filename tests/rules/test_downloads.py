"""Names of what people download, and what they type into a search."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from nproxy.assets.rules import EXTENSIONS, SLUG_LENGTH, download_name, download_names, slug
from nproxy.conversations.rules import LONGEST_TITLE, clean_title, search_query

DAY = date(2026, 11, 26)
PROMPTS = st.text(max_size=200)


def test_a_name_tells_the_prompt_the_day_and_the_number() -> None:
    assert (
        download_name("A red boat, at dawn!", DAY, 3, "image/png") == "a-red-boat-at-dawn_2026-11-26_03.png"
    )
    assert download_name("Рыжий кот", DAY, 1, "image/jpeg") == "рыжий-кот_2026-11-26_01.jpg"
    assert download_name("???", DAY, 1, "image/webp") == "image_2026-11-26_01.webp"


@given(PROMPTS)
def test_a_slug_is_short_and_safe_on_every_disk(prompt: str) -> None:
    name = slug(prompt)
    assert 0 < len(name) <= SLUG_LENGTH
    assert re.fullmatch(r"[^\W_]+(-[^\W_]+)*", name)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a cat", "A CAT!", "a dog", ""]),
            st.sampled_from([DAY]),
            st.sampled_from(list(EXTENSIONS)),
        )
    )
)
def test_names_in_one_file_are_all_different(pictures: list[tuple[str, date, str]]) -> None:
    names = download_names(pictures)
    assert len(set(names)) == len(names) == len(pictures)


@given(st.text(max_size=300))
def test_a_title_is_one_line_and_cleaning_it_again_changes_nothing(text: str) -> None:
    title = clean_title(text)
    assert len(title) <= LONGEST_TITLE
    assert "\n" not in title
    assert clean_title(title) == title


@given(st.text(max_size=100))
def test_a_search_is_quoted_words_and_nothing_else(text: str) -> None:
    assert re.fullmatch(r"('(?:[^'\\]|'')+':\*(?: & '(?:[^'\\]|'')+':\*)*)?", search_query(text))


def test_a_search_without_letters_or_digits_is_none() -> None:
    assert search_query(" ' & !? _ ") == ""
    assert search_query("it's a Boat") == "'it''s':* & 'a':* & 'Boat':*"
