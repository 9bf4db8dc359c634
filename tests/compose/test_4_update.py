"""An update, more of each, and a bucket: with work in flight."""

from __future__ import annotations

import threading
import time
import urllib.request

from tests.adapters.store import swift
from tests.compose.crowd import Crowd, crashes, every
from tests.compose.stack import ComposeStack
from tests.journeys.stack import eventually

IN_FLIGHT = 200
OVERLONG = 75.0
# Longer than Caddy waits for web.
PATIENCE = 120


def test_an_update_with_200_pictures_in_flight_loses_none_and_nobody_sees_an_error(
    stack: ComposeStack,
) -> None:
    crowd = Crowd(stack, people=IN_FLIGHT // 8)
    crashed_before = crashes(stack)
    stack.draw_in(OVERLONG)
    crowd.sends(turns=2, images=4)
    running = "SELECT count(*) FROM generations_generation WHERE status = 'running' AND user_id IN (%s)"
    eventually(lambda: crowd.number(running) == IN_FLIGHT or None, "200 pictures in flight")

    errors: list[object] = []
    stop = threading.Event()
    onlooker = every(0.5, lambda: _look(stack, errors), stop)
    old = stack.containers("worker")
    # Ours alone: the sandbox's image stands on it, and a provider that restarts is another story.
    ours = ("migrate", "web", "worker", "bot")
    stack.nproxy("update", "--build-arg", "VERSION=9.9.9", *ours, seconds=900)
    stop.set()
    onlooker.join()
    stack.draw_in(0.3)

    assert stack.containers("worker") != old
    crowd.all_has_come_well()
    assert crashes(stack) == crashed_before
    assert errors == []


def _look(stack: ComposeStack, errors: list[object]) -> None:
    """A page, asked for once: whatever is not an answer is an error."""
    try:
        with urllib.request.urlopen(
            f"{stack.site}/accounts/login/", timeout=PATIENCE, context=stack.tls
        ) as page:
            page.read()
    except OSError as error:
        errors.append(error)


def test_three_of_each_share_the_work(stack: ComposeStack) -> None:
    stack.compose("up", "--detach", "--no-recreate", "--scale", "web=3", "--scale", "worker=3", seconds=300)
    for service in ("web", "worker"):
        stack.has_come_back(service)
        assert len(stack.containers(service)) == 3
    stack.draw_in(0.5)
    crowd = Crowd(stack, people=6)
    crowd.sends(turns=4, images=2)
    crowd.all_has_come_well()
    twice = "SELECT count(*) FROM (SELECT task_name, defer_timestamp FROM procrastinate_periodic_defers GROUP BY 1, 2 HAVING count(*) > 1) t"
    assert stack.sql(twice) == "0"
    served = [_pages_served(stack, number) for number in (1, 2, 3)]
    assert min(served) > 0
    stack.compose("up", "--detach", "--no-recreate", "--scale", "web=1", "--scale", "worker=1")


def _pages_served(stack: ComposeStack, number: int) -> int:
    """How many connections that web has taken since its start, by the kernel's count of its network."""
    told = stack.compose("exec", "-T", "--index", str(number), "web", "cat", "/proc/net/snmp")
    names, values = (line.split() for line in told.splitlines() if line.startswith("Tcp:"))
    return int(values[names.index("PassiveOpens")])


def test_a_bucket_that_goes_away_for_a_while_loses_no_picture(stack: ComposeStack) -> None:
    with swift.running(bind="0.0.0.0") as bucket:
        bucket.make_bucket("pictures")
        stack.set(
            NPROXY_STORAGE_URL="s3://pictures",
            NPROXY_S3_ENDPOINT=f"http://beside:{bucket.port}",
            NPROXY_S3_ACCESS_KEY=swift.ACCESS_KEY,
            NPROXY_S3_SECRET_KEY=swift.SECRET_KEY,
        )
        stack.draw_in(2)
        crowd = Crowd(stack, people=3)
        with crowd.sending(turns=4, images=2):
            time.sleep(1.5)
            bucket.stop()
            time.sleep(8)
            bucket.go_on()
        crowd.all_has_come_well()
