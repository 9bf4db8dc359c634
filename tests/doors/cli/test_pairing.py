"""`nproxy pair` and `nproxy admins`: what is printed, and how each end is told apart by its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from django.utils import timezone

from nproxy.telegram import actions as telegram
from nproxy.telegram import requests
from nproxy.telegram.actions import Visitor
from nproxy.telegram.models import Pairing
from nproxy.telegram.rules.codes import code_for

Run = Callable[..., Result]
ANN = Visitor(1001, "Ann", "ann")


@pytest.fixture
def code(db: None) -> str:
    """What the bot told Ann five minutes ago."""
    telegram.greet(visitor=ANN, now=timezone.now() - timedelta(minutes=5))
    return code_for(Pairing.objects.get().pk, requests.secret())


def test_the_operator_sees_who_it_is_and_is_asked(run: Run, code: str) -> None:
    said = run("pair", code, stdin="y\n")
    assert said.exit_code == 0
    for words in ("1001", "Ann", "@ann", "5 min ago", "Pair them as operator?", "Paired Ann as operator."):
        assert words in said.output
    assert run("pair", code, "--yes").exit_code == 4


def test_saying_no_pairs_nobody(run: Run, code: str) -> None:
    assert run("pair", code, stdin="n\n").exit_code == 1
    assert json.loads(run("admins", "list", "--json").output)["admins"] == []
    assert "Waiting: Ann (1001)" in run("admins", "list").output


def test_a_wrong_an_old_and_a_used_code_have_their_own_words(run: Run, code: str) -> None:
    wrong = run("pair", "AAAAAAAA", "--yes")
    assert (wrong.exit_code, "Nobody was told this code" in wrong.output) == (3, True)
    Pairing.objects.update(expires_at=timezone.now())
    old = run("pair", code, "--yes")
    assert (old.exit_code, "more than an hour old" in old.output) == (3, True)
    Pairing.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    assert run("admins", "reject", code).exit_code == 0
    used = run("pair", code, "--yes")
    assert (used.exit_code, "used before" in used.output) == (4, True)
    assert run("pair").exit_code == 2


def test_who_is_revoked_is_gone_and_nobody_else(run: Run, code: str) -> None:
    run("pair", code, "--role", "viewer", "--yes")
    (listed,) = json.loads(run("admins", "list", "--json").output)["admins"]
    assert (listed["telegram_id"], listed["role"]) == (1001, "viewer")
    assert run("admins", "revoke", "@nobody").exit_code == 3
    assert run("admins", "revoke", "1001").exit_code == 0
    assert run("admins", "revoke", "1001").exit_code == 3


def test_an_invitation_names_the_bot_once_it_is_known(run: Run, db: None) -> None:
    assert "t.me" not in run("admins", "invite").output
    telegram.note_bot(bot_id=1, username="our_bot", now=timezone.now())
    said = run("admins", "invite", "--role", "viewer").output
    word = said.partition("/start ")[2].split()[0]
    assert f"https://t.me/our_bot?start={word}" in said
    assert telegram.accept(word=word, visitor=ANN, now=timezone.now())
