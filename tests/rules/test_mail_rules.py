from __future__ import annotations

from nproxy.notifications import rules


def test_only_answers_in_the_five_hundreds_are_final() -> None:
    assert [code for code in (250, 421, 450, 500, 550, 599, 600) if rules.is_final(code)] == [500, 550, 599]


def test_a_mail_is_tried_for_about_six_hours() -> None:
    seconds = sum(rules.WAIT_GROWTH**number for number in range(1, rules.MAX_TRIES))
    assert 5 * 3600 < seconds < 7 * 3600
    assert next(number for number in range(1, 12) if rules.is_last_try(number)) == rules.MAX_TRIES


def test_a_message_keeps_its_id_and_carries_the_senders_domain() -> None:
    assert rules.message_id(7, "nproxy@draw.example") == "<mail.7@draw.example>"
    assert rules.message_id(7, "nproxy <nproxy@draw.example>") == "<mail.7@draw.example>"
