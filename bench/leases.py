"""Lease throughput: several processes that take turns at one pool, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import django

WORKERS = 4
KEYS = 50
LEASES = 500
# The first thing that a process of the measurement says.
READY = "ready"


def measure(stack: object, scale: float) -> Iterator[dict[str, object]]:
    from django.utils import timezone

    from nproxy.audit.rules import SYSTEM
    from nproxy.providers import actions as providers
    from nproxy.providers import queries
    from nproxy.providers.models import Attempt

    def added(number: int) -> int:
        label = f"lease {number}"
        secret = f"AQ.sandbox-ok-lease-{number}"
        return providers.add_key(
            provider="gemini", label=label, secret=secret, actor=SYSTEM, now=timezone.now()
        )

    there = [key.id for key in queries.keys(timezone.now())]
    new = [added(number) for number in range(KEYS - len(there))]
    started_at = timezone.now()
    leases = max(20, int(LEASES * scale))
    command = [sys.executable, "-m", "bench.leases", str(leases)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline().strip() == READY
    began = time.perf_counter()
    for worker in workers:
        worker.communicate("go\n")
    seconds = time.perf_counter() - began
    taken = Attempt.objects.filter(started_at__gte=started_at)
    shares = [taken.filter(key_id=key_id).count() for key_id in (*there, *new)]
    taken.delete()
    for key_id in new:
        providers.remove(key_id=key_id, actor=SYSTEM, now=timezone.now())
    yield {
        "row": "lease throughput",
        "workers": WORKERS,
        "keys": KEYS,
        "leases": WORKERS * leases,
        "per_second": round(WORKERS * leases / seconds),
        "shares_differ_by": max(shares) - min(shares),
    }


def _take(leases: int) -> None:
    from django.utils import timezone

    from nproxy.kit.ids import new_id
    from nproxy.providers import actions as providers
    from nproxy.providers import queries

    queries.next_eligible_at("nano_banana", timezone.now())  # connects
    print(READY, flush=True)
    sys.stdin.readline()
    for _ in range(leases):
        assert providers.lease(pool="nano_banana", work=new_id(), tried=(), now=timezone.now())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nproxy.config.settings")
    django.setup()
    _take(int(sys.argv[1]))
