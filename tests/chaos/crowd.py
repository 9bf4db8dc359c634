"""People, workers, operators and the clock, all at once on one database: what each of them may do next."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from procrastinate.contrib.django.models import ProcrastinateJob

from nproxy.accounts import actions as accounts
from nproxy.accounts.models import User
from nproxy.assets.rules import StoredImage
from nproxy.audit.rules import SYSTEM
from nproxy.conversations import actions as conversations
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.generations import lease as leases
from nproxy.generations.models import Generation
from nproxy.kit.ids import new_id
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as cycles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEP = timedelta(seconds=1)
PICTURE = StoredImage(
    id=UUID(int=0),
    user_id=0,
    path="",
    media_type="image/png",
    width=32,
    height=24,
    size=100,
    sha256="0" * 64,
    placeholder="",
    smaller=None,
)


REFUSALS = (
    generations.Refusal,
    leases.LeaseLost,
    subscriptions.AlreadySuspended,
    subscriptions.NotSuspended,
    subscriptions.AlreadyQueued,
    subscriptions.NothingQueued,
    subscriptions.NothingRuns,
    accounts.AlreadySo,
)


class Clock:
    """Goes on by a second whenever somebody does something."""

    def __init__(self) -> None:
        self._ticks = itertools.count()

    def now(self) -> datetime:
        return NOW + STEP * next(self._ticks)


class Person:
    """Someone with one cycle and one conversation."""

    def __init__(self, limit: int) -> None:
        self.id = User.objects.create_user(f"{uuid4().hex}@example.com").pk
        subscriptions.grant(user_id=self.id, limit=limit, reason="chaos", actor=SYSTEM, now=NOW)
        cycle = cycles.active_cycle(self.id, NOW)
        assert cycle is not None
        self.quota_id = cycle.quota_id
        self.conversation = conversations.open_conversation(user_id=self.id, now=NOW)

    def sends(self, batch: int, now: datetime) -> generations.Started:
        return generations.start(
            user_id=self.id,
            conversation_id=self.conversation,
            client_id=uuid4(),
            wish=Wish("a banana", "text_to_image", "1K", "1:1", "", batch),
            source_ids=[],
            now=now,
        )


class Actor:
    """Does one random thing after the other. What the product refuses is counted, anything else is an error."""

    def __init__(self, seed: int, people: list[Person], clock: Clock) -> None:
        self._random = Random(seed)
        self._people = people
        self._clock = clock
        self.done: Counter[str] = Counter()
        self._deeds: dict[Callable[[], object], int] = {
            self.submit: 6,
            self.work: 9,
            self.cancel: 2,
            self.cancel_turn: 1,
            self.retry: 3,
            self.delete: 1,
            self.suspend: 1,
            self.resume: 4,
            self.recover: 1,
            self.lose_a_job: 1,
        }

    def act(self, steps: int) -> None:
        deeds, weights = list(self._deeds), list(self._deeds.values())
        for deed in self._random.choices(deeds, weights, k=steps):
            try:
                outcome = deed() or "done"
            except REFUSALS as fact:
                outcome = type(fact).__name__
            self.done[f"{deed.__name__}: {outcome}"] += 1

    def submit(self) -> None:
        self._person().sends(self._random.choice((1, 1, 2, 4)), self._clock.now())

    def cancel(self) -> None:
        row = self._generation("queued", "running", "succeeded")
        generations.cancel(user_id=row.user_id, generation_id=row.pk, now=self._clock.now())

    def cancel_turn(self) -> None:
        row = self._generation("queued", "running")
        generations.cancel_turn(user_id=row.user_id, turn_id=row.turn_id, now=self._clock.now())

    def retry(self) -> None:
        row = self._generation("failed", "canceled", "succeeded")
        generations.retry(user_id=row.user_id, generation_id=row.pk, now=self._clock.now())

    def delete(self) -> None:
        row = self._generation("queued", "running", "failed", "succeeded")
        generations.delete(user_id=row.user_id, generation_id=row.pk, now=self._clock.now())

    def suspend(self) -> None:
        person = self._person()
        generations.suspend(user_id=person.id, reason="chaos", actor=SYSTEM, now=self._clock.now())

    def resume(self) -> None:
        person = self._person()
        subscriptions.resume(user_id=person.id, reason="chaos", actor=SYSTEM, now=self._clock.now())

    def recover(self) -> None:
        generations.recover(now=self._clock.now())

    def lose_a_job(self) -> None:
        jobs = ProcrastinateJob.objects.filter(pk=self._generation("queued").job_id)
        jobs._raw_delete("default")

    def work(self) -> str:
        """One run, from begin to any of its ends; or none, as when the worker is killed."""
        lease = leases.begin(self._generation("queued").pk, self._clock.now())
        if lease is None:
            return "too late"
        end = self._random.choice(("finish", "finish", "finish", "fail", "hand back", "vanish", "beat"))
        if end == "finish":
            leases.enter_saving(lease, self._clock.now())
            stored = dataclasses.replace(PICTURE, id=new_id(), user_id=lease.user_id)
            leases.finish(
                lease, dataclasses.replace(stored, path=f"chaos/{stored.id}"), 1.0, self._clock.now()
            )
        elif end == "fail":
            leases.fail(lease, "no_image", self._clock.now())
        elif end == "hand back":
            leases.hand_back(lease)
        elif end == "beat":
            leases.beat(lease, self._clock.now())
            leases.let_go(lease)
        return end

    def _person(self) -> Person:
        return self._random.choice(self._people)

    def _generation(self, *statuses: str) -> Generation:
        """Any generation in one of these states at this moment. Raises UnknownGeneration when there is none."""
        found = list(Generation.objects.filter(status__in=statuses, deleted_at=None).order_by("-id")[:40])
        if not found:
            raise generations.UnknownGeneration
        return self._random.choice(found)
