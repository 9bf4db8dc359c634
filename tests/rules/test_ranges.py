from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.web.gallery.ranges import NotSatisfiable, part

SIZE = st.integers(1, 10**8)


@given(st.text() | st.from_regex(r"bytes=\d{0,12}-\d{0,12}", fullmatch=True), SIZE)
def test_a_part_is_never_outside_the_file(header: str, size: int) -> None:
    try:
        found = part(header, size)
    except NotSatisfiable:
        return
    if found:
        assert 0 <= found[0] < found[1] <= size


@given(SIZE, st.data())
def test_a_part_inside_the_file_is_taken_at_its_word(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))
    assert part(f"bytes={first}-{last}", size) == (first, last + 1)
    assert part(f"bytes={first}-", size) == (first, size)
    assert part(f"bytes=-{size - first}", size) == (first, size)


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "0-1"),
        # Longer than what Python reads as a number.
        f"bytes={'9' * 5000}-",
    ],
)
def test_what_is_no_single_range_means_the_whole_file(header: str | None) -> None:
    assert part(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_part_behind_the_end_is_not_satisfiable(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        part(header, 100)


def test_an_end_beyond_the_file_is_cut() -> None:
    assert part("bytes=90-1000", 100) == (90, 100)
    assert part("bytes=-1000", 100) == (0, 100)
