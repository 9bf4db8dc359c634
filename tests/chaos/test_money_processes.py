"""Web and worker die at any moment while people pay: every payment becomes a cycle, once, is told of once, and the
books agree.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random

import psycopg
import pytest
from tests.chaos.buyer import Buyer, make_buyers
from tests.journeys.stack import ROOT, Stack, eventually, post, running

from nproxy.cli.working import CHORES_AT_ONCE
from nproxy.kit.postgres import url

pytestmark = [
    pytest.mark.xdist_group("chaos money processes"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc"),
]

AT_ONCE = 16
ORDERS_EACH = 2  # a cycle that runs, and one behind it
STEPS_BETWEEN = (8, 24)  # four steps are an order
SETTLED_SECONDS = 420
CONFIRMS_FASTER = 8


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as stack:
        yield stack


def processor_of(stack: Stack) -> str:
    """The sandbox's address, and the settings by which commands beside the demo find it."""
    lines = (stack.data_dir / "demo.log").read_text().splitlines()
    (address,) = [line.split(": ", 1)[1] for line in lines if line.startswith("Sandbox NOWPayments: ")]
    stack.environment.update(
        {
            "NPROXY_NOWPAYMENTS_API_KEY": "sandbox-demo",
            "NPROXY_NOWPAYMENTS_IPN_SECRET": "sandbox-ipn-secret",
            "NPROXY_NOWPAYMENTS_BASE_URL": f"{address}/v1",
            "NPROXY_NOWPAYMENTS_SPACING": "0.02",
        }
    )
    return address


@contextmanager
def deaths(stack: Stack, steps: threading.Semaphore) -> Iterator[Counter[str]]:
    """Meanwhile, after every few `steps` that people have come further, SIGKILL for web or worker in turn."""
    random, over, killed = Random(3), threading.Event(), Counter[str]()

    def strike() -> None:
        for victim in itertools.cycle(("worker", "web")):
            for _ in range(random.randrange(*STEPS_BETWEEN)):
                while not steps.acquire(timeout=0.2):
                    if over.is_set():
                        return
            time.sleep(random.random())
            os.kill(stack.process(victim), signal.SIGKILL)
            killed[victim] += 1

    killer = threading.Thread(target=strike)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def reconciled(stack: Stack) -> dict[str, object]:
    """What `nproxy payments reconcile --json` reports, clean or not."""
    finished = subprocess.run(
        [sys.executable, "-m", "nproxy.cli", "payments", "reconcile", "--json"],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode in (0, 1), finished.stderr
    report: dict[str, object] = json.loads(finished.stdout)
    return report


def test_payments_survive_any_death_of_web_and_worker(stack: Stack, scaled: Callable[[int], int]) -> None:
    processor = processor_of(stack)
    # Callbacks come twice, and some never.
    post(f"{processor}/sandbox/callbacks", {"copies": 2, "lost": scaled(60)})
    post(f"{processor}/sandbox/clock", {"pace": CONFIRMS_FASTER})
    count = scaled(300)
    steps = threading.Semaphore(0)
    buyers = make_buyers(stack, processor, -(-count // ORDERS_EACH), steps.release)

    def shop(buyer: Buyer) -> list[str]:
        orders = []
        for _ in range(ORDERS_EACH):
            order = buyer.buy()
            eventually(lambda: buyer.settled(order), f"end of order {order}", SETTLED_SECONDS)  # noqa: B023 - at once
            orders.append(order)
        return orders

    with deaths(stack, steps) as killed, ThreadPoolExecutor(AT_ONCE) as crowd:
        orders = [order for of_one in crowd.map(shop, buyers) for order in of_one]
    assert min(killed["web"], killed["worker"]) > 0, killed

    report = reconciled(stack)
    assert (report["is_clean"], report["difference_cents"]) == (True, 0), report
    with psycopg.connect(url(stack.data_dir)) as database:
        statuses = Counter(row[0] for row in database.execute("SELECT status FROM billing_order"))
        activations = database.execute("SELECT count(*) FROM billing_activation").fetchone()
        numbers = [row[0] for row in database.execute("SELECT number FROM billing_receipt ORDER BY number")]
        reviews = database.execute("SELECT count(*) FROM billing_review").fetchone()
    assert statuses == {"paid": len(orders)}
    assert (activations, reviews) == ((len(orders),), (0,))
    assert numbers == list(range(1, len(orders) + 1))
    assert "adds up" in stack.nproxy("ledger", "verify")
    tell_once(stack, orders, killed["worker"])


def tell_once(stack: Stack, orders: list[str], deaths: int) -> None:
    """Every mail that is owed is owed once, and went out; a second time only where a worker died of handing it over,
    and then under the same Message-ID.
    """

    def queue_is_empty() -> bool | None:
        return not stack.rows("SELECT 1 FROM notifications_mail WHERE state = 'queued'") or None

    eventually(queue_is_empty, "end of the mails", SETTLED_SECONDS)
    mails = stack.rows("SELECT id, key, kind, state FROM notifications_mail")
    assert {state for *_, state in mails} == {"sent"}
    told = Counter(key.split(":")[1] for _, key, kind, _ in mails if kind == "order_paid")
    assert told == Counter(orders)
    addresses = stack.rows("SELECT id::text FROM billing_paymentattempt WHERE state = 'open'")
    shown = Counter(key.split(":")[1] for _, key, kind, _ in mails if kind == "order_open")
    assert shown == Counter(attempt for (attempt,) in addresses)
    orders_of = dict(
        stack.rows(
            "SELECT payment.id::text, attempt.order_id FROM billing_payment AS payment"
            " JOIN billing_paymentattempt AS attempt ON attempt.id = payment.attempt_id"
        )
    )
    seen = Counter(orders_of[key.split(":")[1]] for _, key, kind, _ in mails if kind == "payment_seen")
    assert set(seen.values()) <= {1}
    # A file is called after the moment and the Message-ID.
    posted = Counter(file.stem.split("-", 1)[1] for file in (stack.data_dir / "mail").glob("*.eml"))
    assert len(posted) == len(mails)
    assert posted.total() - len(posted) <= CHORES_AT_ONCE * deaths
