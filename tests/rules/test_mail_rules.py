from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from nproxy.notifications import rules

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def test_only_answers_in_the_five_hundreds_are_final() -> None:
    assert [code for code in (250, 421, 450, 500, 550, 599, 600) if rules.is_final(code)] == [500, 550, 599]


def test_a_mail_is_tried_for_about_six_hours() -> None:
    seconds = sum(rules.WAIT_GROWTH**number for number in range(1, rules.MAX_TRIES))
    assert 5 * 3600 < seconds < 7 * 3600
    assert next(number for number in range(1, 12) if rules.is_last_try(number)) == rules.MAX_TRIES


def test_a_mail_written_at_another_moment_never_has_the_id_of_one_before() -> None:
    """As when the database was put back to an earlier day, and numbers and occasions come again."""
    moments = [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=1)]
    ids = {rules.message_id(key, moment, "a@b.example") for key in ("x 1", "x 2") for moment in moments}
    assert len(ids) == 6


def test_a_message_keeps_its_id_and_carries_the_senders_domain() -> None:
    plain = rules.message_id("welcome 7", NOW, "nproxy@draw.example")
    assert re.fullmatch(r"<mail\.[0-9a-f]{32}@draw\.example>", plain)
    assert rules.message_id("welcome 7", NOW, "nproxy <nproxy@draw.example>") == plain
