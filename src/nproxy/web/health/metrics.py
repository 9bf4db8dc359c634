"""Prometheus figures (docs/admin.md), all from the database: they are the same whichever process is asked.

Counters are the running totals that the clock keeps (kit/tally.py), at most a minute behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from nproxy.billing import queries as billing
from nproxy.generations import queries as generations
from nproxy.kit import presence, tally
from nproxy.providers import queries as providers


def text(now: datetime) -> bytes:
    """Everything, in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(Figures(now))
    return generate_latest(registry)


class Figures(Collector):
    """Reads the figures each time it is asked."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        yield _counter("nproxy_generations", "Generations that ended.", "generations", "status", "mode")
        yield _histogram("nproxy_generation_seconds", "From submit to stored.", "generation_seconds")
        yield _histogram(
            "nproxy_overhead_seconds", "The same, minus the provider's time.", "overhead_seconds"
        )
        yield _counter("nproxy_attempts", "Calls to providers that ended.", "attempts", "provider", "verdict")
        yield self._attempt_seconds()
        yield self._keys()
        yield from self._queue()
        yield self._payments()
        yield _counter("nproxy_webhooks", "Callbacks of the payment processor.", "webhooks", "result")
        yield self._long_polls()

    def _attempt_seconds(self) -> Metric:
        family = HistogramMetricFamily("nproxy_attempt_seconds", "How long calls took.", labels=["provider"])
        sums: dict[str, list[tally.Total]] = {}
        for total in tally.totals("attempts"):
            sums.setdefault(total.labels[0], []).append(total)
        for provider, totals in sums.items():
            buckets = [sum(column) for column in zip(*(each.buckets for each in totals), strict=True)]
            family.add_metric([provider], _cumulative(buckets), sum(each.amount for each in totals))
        return family

    def _keys(self) -> Metric:
        family = GaugeMetricFamily("nproxy_keys", "Provider keys.", labels=["provider", "status"])
        found = Counter((key.provider, key.status) for key in providers.key_states(self.now))
        for labels, count in sorted(found.items()):
            family.add_metric(labels, count)
        return family

    def _queue(self) -> Iterator[Metric]:
        queue = generations.queue()
        oldest = (self.now - queue.oldest_at).total_seconds() if queue.oldest_at else 0.0
        yield GaugeMetricFamily("nproxy_queue_depth", "Generations in line.", value=queue.waiting)
        yield GaugeMetricFamily("nproxy_queue_oldest_seconds", "How long the first one waits.", value=oldest)

    def _payments(self) -> Metric:
        # A gauge under a counter's name: an order changes its status, and the contract has the name.
        family = GaugeMetricFamily("nproxy_payments_total", "Orders by status.", labels=["status"])
        for status, count in sorted(billing.orders_by_status().items()):
            family.add_metric([status], count)
        return family

    def _long_polls(self) -> Metric:
        alive = [each.long_polls for each in presence.processes(self.now) if each.is_alive]
        return GaugeMetricFamily("nproxy_longpolls", "Pages that wait for news.", value=sum(alive))


def _counter(name: str, words: str, tallied: str, *labels: str) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for total in tally.totals(tallied):
        family.add_metric(total.labels, total.count)
    return family


def _histogram(name: str, words: str, tallied: str) -> Metric:
    family = HistogramMetricFamily(name, words, labels=[])
    for total in tally.totals(tallied):
        family.add_metric([], _cumulative(total.buckets), total.amount)
    return family


def _cumulative(buckets: list[int] | tuple[int, ...]) -> list[tuple[str, float]]:
    """Prometheus counts in each bucket all that is shorter, too."""
    bounds = [*(str(bound) for bound in tally.BOUNDS), "+Inf"]
    sums, so_far = [], 0
    for bound, count in zip(bounds, buckets, strict=True):
        so_far += count
        sums.append((bound, float(so_far)))
    return sums
