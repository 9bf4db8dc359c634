"""What the home shows, asked of the rooms: each figure from few rows, whatever the size of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nproxy.billing import queries as billing
from nproxy.generations import queries as generations
from nproxy.kit import presence, tally
from nproxy.notifications import queries as notifications
from nproxy.providers import queries as providers
from nproxy.providers.queries import BalancePoint, KeyState, StandingView
from nproxy.subscriptions import queries as subscriptions

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
SPANS = (1, 24, 168)
# Whoever waits longer than this for a key should not.
LONG_WAIT = timedelta(minutes=2)
ENDS = ("succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Pool:
    """A provider's keys by what they can do now; `next_at` is when the first cooldown ends."""

    provider: str
    active: int
    cooling: int
    out_of_funds: int
    in_review: int
    disabled: int
    in_flight: int
    next_at: datetime | None
    troubled: tuple[KeyState, ...]

    @property
    def is_well(self) -> bool:
        return self.active > 0 and not (self.out_of_funds or self.in_review)


@dataclass(frozen=True, slots=True)
class Row:
    """One provider, key or proxy over three spans: the last hour, day and week (None: no calls)."""

    scope: str
    name: str
    spans: tuple[StandingView | None, ...]

    @property
    def successes(self) -> float:
        """The share of the longest span in it, in percent."""
        known = [span.success for span in self.spans if span]
        return known[-1] if known else 100.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page. `measured_at`: when each of the SPANS was, if there was a call in it."""

    pools: list[Pool]
    rows: list[Row]
    measured_at: tuple[datetime | None, ...]
    queue: generations.Queue
    subscribers: subscriptions.Subscribers
    orders: dict[str, int]
    reviews: int
    trouble: notifications.Trouble
    processes: list[presence.ProcessView]
    storage: dict[str, tally.Total]
    ended: list[tally.Hour]
    errors: list[tally.Hour]
    attempts: list[tally.Hour]
    spent: dict[date, float]
    taken: dict[date, int]
    balances: list[BalancePoint]
    now: datetime

    @property
    def waits_long(self) -> bool:
        return self.queue.oldest_at is not None and self.now - self.queue.oldest_at > LONG_WAIT

    @property
    def pictures(self) -> int:
        return by_label(self.ended).get("succeeded", 0)

    @property
    def open_orders(self) -> int:
        return self.orders.get("open", 0)

    @property
    def stopped_keys(self) -> int:
        """Keys that only an operator brings back."""
        return sum(pool.out_of_funds + pool.in_review for pool in self.pools)

    @property
    def waiting_for_me(self) -> int:
        """What only an operator moves on: money to decide about, keys to look at, what did not go out."""
        return self.reviews + self.stopped_keys + self.trouble.failed_mails + self.trouble.unsent_alerts

    @property
    def stored_bytes(self) -> float:
        return sum(total.amount for total in self.storage.values())

    @property
    def success(self) -> float | None:
        """Percent of the last day's generations that came to a picture; canceled ones do not count."""
        counts = by_label(self.ended)
        done = counts.get("succeeded", 0)
        tried = done + counts.get("failed", 0)
        return 100 * done / tried if tried else None


def figures(now: datetime) -> Figures:
    """As of `now`."""
    standings = providers.standings()
    return Figures(
        pools=pools(providers.key_states(now)),
        rows=rows(standings),
        measured_at=tuple(_measured_at(standings, hours) for hours in SPANS),
        queue=generations.queue(),
        subscribers=subscriptions.subscribers(now),
        orders=billing.orders_by_status(),
        reviews=billing.open_reviews(),
        trouble=notifications.trouble(now),
        processes=presence.processes(now),
        storage={total.labels[0]: total for total in tally.totals("storage")},
        ended=tally.hours("generations", now - DAY),
        errors=tally.hours("errors", now - WEEK),
        attempts=tally.hours("attempts", now - DAY),
        spent=by_day(tally.hours("spend", now - MONTH)),
        taken=billing.taken_by_day(now - MONTH),
        balances=list(providers.balances_since(now - WEEK)),
        now=now,
    )


def _measured_at(standings: Iterable[StandingView], hours: int) -> datetime | None:
    return max((each.measured_at for each in standings if each.hours == hours), default=None)


def pools(keys: Iterable[KeyState]) -> list[Pool]:
    """The keys by provider."""
    of_provider: dict[str, list[KeyState]] = {}
    for key in keys:
        of_provider.setdefault(key.provider, []).append(key)
    return [_pool(provider, found) for provider, found in of_provider.items()]


def _pool(provider: str, keys: Sequence[KeyState]) -> Pool:
    def count(status: str) -> int:
        return sum(key.status == status for key in keys)

    return Pool(
        provider=provider,
        active=count("active"),
        cooling=count("cooldown"),
        out_of_funds=count("out_of_funds"),
        in_review=count("manual_review"),
        disabled=count("disabled"),
        in_flight=sum(key.in_flight for key in keys),
        next_at=min((key.cooldown_until for key in keys if key.cooldown_until), default=None),
        troubled=tuple(key for key in keys if key.status not in {"active", "disabled"}),
    )


def rows(standings: Iterable[StandingView]) -> list[Row]:
    """Providers first, then proxies, then keys; among themselves, those that did worst come first."""
    of_subject: dict[tuple[str, str], dict[int, StandingView]] = {}
    for each in standings:
        of_subject.setdefault((each.scope, each.name), {})[each.hours] = each
    order = {"provider": 0, "proxy": 1, "key": 2}
    found = [
        Row(scope, name, tuple(spans.get(hours) for hours in SPANS))
        for (scope, name), spans in of_subject.items()
    ]
    return sorted(found, key=lambda row: (order[row.scope], row.successes, row.name))


def by_label(hours: Iterable[tally.Hour]) -> dict[str, int]:
    """Counts by the first label, the largest first."""
    sums: dict[str, int] = {}
    for each in hours:
        sums[each.labels[0]] = sums.get(each.labels[0], 0) + each.count
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def by_day(hours: Iterable[tally.Hour]) -> dict[date, float]:
    """Amounts by UTC day."""
    sums: dict[date, float] = {}
    for each in hours:
        sums[each.hour.date()] = sums.get(each.hour.date(), 0.0) + each.amount
    return sums
