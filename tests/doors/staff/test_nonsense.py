"""Lists and exports asked for nonsense: by whatever filter, it is answered in words, never by an error of ours."""

from __future__ import annotations

import pytest
from django.contrib.admin import ModelAdmin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.doors.staff import addresses
from tests.doors.staff.seats import Seat

from nproxy.staff.acts import Takes
from nproxy.staff.exporting import Exported

pytestmark = pytest.mark.django_db

ORDINARY = (
    "q",
    "o",
    "p",
    "e",
    "all",
    "_facets",
    "_to_field",
    "_popup",
    "of",
    "pk__in",
    "id__exact",
    "nowhere__x",
)
LOOKUPS = ("", "__exact", "__in", "__isnull", "__gte", "__contains", "__id__exact", "__regex", "__date")
RANGES = ("_from_0", "_from_1", "_to_0", "_to_1")
MOMENTS = ("__year", "__month", "__day")
NASTY = (
    *(
        "\x00",
        "a\x00b",
        "9" * 40,
        "9" * 5000,
        "-1",
        "0",
        "1e309",
        "NaN",
        "",
        " ",
        "[]",
        "{}",
        "1,2,x",
        "%",
        "\u202e",
    ),
    *("2026-13-45", "9999-12-31", "0000-00-00", "99:99", "true", "None", "' OR 1=1 --", "(", "x" * 5000),
)


def parameters(page: ModelAdmin) -> list[str]:
    """What this list may be asked by, and more."""
    names = set(ORDINARY)
    for each in page.list_filter:
        if isinstance(each, type):
            names.add(each.parameter_name)
            continue
        field = each if isinstance(each, str) else each[0]
        names |= {f"{field}{end}" for end in (*LOOKUPS, *RANGES, *MOMENTS)}
    return sorted(names)


QUESTIONS = st.sampled_from(addresses.lists()).flatmap(
    lambda found: st.tuples(
        st.just(found),
        st.dictionaries(
            st.sampled_from(parameters(found[1])),
            st.sampled_from(NASTY) | st.text(max_size=40),
            min_size=1,
            max_size=3,
        ),
    )
)


@pytest.mark.parametrize("picked", ["\x00", "9" * 40, "nonsense", ""])
def test_rows_that_are_none_lead_to_no_act(owner: Seat, picked: str) -> None:
    for there, page in addresses.lists():
        for act in page.acts:
            if act.takes is Takes.MANY:
                answer = owner.client.post(there, {"action": act.name, "_selected_action": picked})
                assert answer.status_code in {302, 404}, (there, act.name)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(question=QUESTIONS)
def test_no_question_to_a_list_is_an_error_of_ours(
    owner: Seat, question: tuple[tuple[str, ModelAdmin], dict[str, str]]
) -> None:
    (there, page), asked = question
    assert owner.client.get(there, asked).status_code in {200, 302, 400}
    if isinstance(page, Exported):
        answer = owner.client.get(f"{there}export/", asked)
        assert answer.status_code in {200, 302, 400}
        answer.getvalue()
