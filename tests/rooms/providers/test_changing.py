"""What may be changed about a key in service: refused with the accepted form, audited with before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.providers import actions as providers
from nproxy.providers import queries

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
pytestmark = pytest.mark.django_db


def test_only_what_is_named_changes_and_it_is_audited(add_key: AddKey, operator: Actor) -> None:
    key_id = add_key("a", account="one")
    changes: providers.KeyChanges = {"label": "b", "max_in_flight": 3}
    providers.set_key(key_id=key_id, changes=changes, actor=operator, now=NOW, reason="quieter")
    [line] = queries.keys(NOW)
    assert (line.label, line.max_in_flight, line.account, line.max_per_minute) == ("b", 3, "one", None)
    entry = AuditEntry.objects.get(action="key.changed")
    assert (entry.before, entry.after) == (
        {"label": "a", "max_in_flight": None},
        {"label": "b", "max_in_flight": 3},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "-dash"},
        {"account": "<b>"},
        {"max_in_flight": 0},
        {"max_per_minute": -1},
        {"low_balance_microusd": -1},
    ],
)
def test_a_malformed_value_is_refused_and_nothing_changes(
    add_key: AddKey, operator: Actor, changes: providers.KeyChanges
) -> None:
    key_id = add_key("a")
    before = queries.keys(NOW)
    with pytest.raises(providers.BadKey):
        providers.set_key(key_id=key_id, changes=changes, actor=operator, now=NOW)
    assert queries.keys(NOW) == before


def test_a_taken_label_an_unknown_proxy_and_an_unknown_key_are_told_apart(
    add_key: AddKey, operator: Actor
) -> None:
    key_id, _ = add_key("a"), add_key("b")
    with pytest.raises(providers.LabelTaken, match="'b'"):
        providers.set_key(key_id=key_id, changes={"label": "b"}, actor=operator, now=NOW)
    with pytest.raises(providers.UnknownProxy):
        providers.set_key(key_id=key_id, changes={"proxy": "atlantis"}, actor=operator, now=NOW)
    with pytest.raises(providers.UnknownKey):
        providers.set_key(key_id=0, changes={"label": "c"}, actor=operator, now=NOW)
