"""Keys as an operator pastes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.staff.pool.pasted import Unreadable, read_pasted

SECRETS = st.text(
    st.characters(codec="ascii", exclude_categories=["C", "Z"], exclude_characters=","), min_size=1
)


def test_one_key_gets_the_label_as_it_is() -> None:
    assert read_pasted("\n AQ.one \n", "main") == [("main", "AQ.one")]


def test_several_keys_are_numbered_and_those_with_a_label_of_their_own_keep_it() -> None:
    pasted = "AQ.one\nspare, AQ.two\n\nAQ.three\n"
    assert read_pasted(pasted, "main") == [("main 1", "AQ.one"), ("spare", "AQ.two"), ("main 2", "AQ.three")]


def test_a_line_without_a_key_is_named() -> None:
    with pytest.raises(Unreadable) as refused:
        read_pasted("AQ.one\nspare,", "main")
    assert refused.value.number == 2


@given(st.lists(SECRETS, max_size=12))
def test_every_secret_comes_through_once_in_its_order_and_labels_differ(secrets: list[str]) -> None:
    read = read_pasted("\n".join(secrets), "main")
    assert [secret for _, secret in read] == secrets
    assert len({label for label, _ in read}) == len(secrets)
