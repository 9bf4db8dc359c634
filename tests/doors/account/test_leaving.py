"""Deleting an account while it is in use: one of the two comes first, and nothing is left between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nproxy.accounts.models import User
from nproxy.assets import actions as assets
from nproxy.audit.rules import SYSTEM
from nproxy.conversations.models import Conversation, Draft, Turn
from nproxy.generations import lease
from nproxy.generations.models import Generation
from nproxy.quota import queries as ledger
from nproxy.quota.models import Entry, Hold, Quota
from nproxy.subscriptions import actions as subscriptions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]
JSON = {"accept": "application/json"}
ROUNDS = 4


class Leaver:
    """Someone who draws in several tabs, in one of which they delete their account."""

    def __init__(self) -> None:
        self.user = User.objects.create_user(f"{uuid4().hex}@example.com")
        subscriptions.grant(user_id=self.user.pk, limit=100, reason="test", actor=SYSTEM, now=timezone.now())
        self.conversation = self.tab().post("/chat/", headers=JSON).json()["conversation"]
        self.tabs = {deed: self.tab() for deed in (self.sends, self.begins, self.types, self.leaves)}

    def tab(self) -> Client:
        browser = Client()
        browser.force_login(self.user)
        # Its sign-in is on record from here on, and the session written no more.
        browser.get("/dashboard/")
        return browser

    def sends(self, tab: Client) -> int:
        body = {"client_id": str(uuid4()), "prompt": "a last banana", "batch_size": "2"}
        return tab.post(f"/chat/{self.conversation}/turns/", body, headers=JSON).status_code

    def begins(self, tab: Client) -> int:
        body = {"client_id": str(uuid4()), "prompt": "a new chat"}
        return tab.post("/chat/", body, headers=JSON).status_code

    def types(self, tab: Client) -> int:
        path = f"/chat/{self.conversation}/draft/"
        return tab.put(path, {"prompt": "half a wor"}, "application/json", headers=JSON).status_code

    def leaves(self, tab: Client) -> int:
        return tab.post("/accounts/delete/", {"email": self.user.email}).status_code


def all_at_once(deeds: list[Callable[[], int]]) -> list[int]:
    start = Barrier(len(deeds))

    def do(deed: Callable[[], int]) -> int:
        try:
            start.wait(30)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_what_is_sent_while_the_account_is_deleted_is_erased_with_it_or_refused(_round: int) -> None:
    leaver = Leaver()
    deeds = [lambda deed=deed, tab=tab: deed(tab) for deed, tab in leaver.tabs.items()]
    *sent, typed, left = all_at_once(deeds)
    # Taken; without access any more; without the conversation; signed out.
    assert set(sent) <= {201, 401, 402, 404}
    assert typed in {204, 401, 404}
    assert left == 302
    nothing_is_left_of(leaver.user)


def test_pictures_that_are_stored_while_the_account_is_deleted_do_not_get_in_its_way(
    photo: Callable[..., bytes],
) -> None:
    leaver, now = Leaver(), timezone.now()
    for _ in range(3):
        assert leaver.sends(leaver.tab()) == 201
    held = [lease.begin(generation.pk, now) for generation in Generation.objects.all()]
    stored = [asyncio.run(assets.store_drawn(photo(), user_id=leaver.user.pk)) for _ in held]

    def finish(one: lease.Lease | None, image: assets.StoredImage) -> int:
        assert one is not None
        with suppress(lease.LeaseLost):
            lease.finish(one, image, 1.0, now)
        return 0

    pairs = zip(held, stored, strict=True)
    workers = [lambda one=one, image=image: finish(one, image) for one, image in pairs]
    *_, left = all_at_once([*workers, lambda: leaver.leaves(leaver.tab())])
    assert left == 302
    nothing_is_left_of(leaver.user)


def test_two_tabs_that_delete_the_account_both_see_it_gone() -> None:
    leaver = Leaver()
    tabs = [leaver.tab(), leaver.tab()]
    answers = all_at_once([lambda tab=tab: leaver.leaves(tab) for tab in tabs])
    assert set(answers) == {302}
    nothing_is_left_of(leaver.user)


def nothing_is_left_of(user: User) -> None:
    user.refresh_from_db()
    assert (user.is_active, user.deleted_at is None) == (False, False)
    for made in (Conversation, Turn, Generation, Draft):
        assert not made.objects.filter(user=user).exists(), made
    quota = Quota.objects.get(user=user)
    assert (quota.held, quota.suspended) == (0, True)
    # Each hold has ended, once.
    ends = Entry.objects.filter(quota=quota).exclude(kind=Entry.Kind.HOLD).exclude(hold=None)
    assert ends.count() == Hold.objects.filter(quota=quota).count()
    assert ledger.verify() == []
