"""What every test stands on: settings of its own, and a real PostgreSQL that is started when first needed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import hypothesis
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from nproxy.accounts.hashers import Argon2
from nproxy.kit import postgres

# Nothing that a test writes has to survive the machine.
IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ

# At import: before any other conftest that may import models. The workers of xdist inherit all of it.
if not IS_XDIST_WORKER:
    for _name in [
        name for name in os.environ if name.startswith("NPROXY_") and name != "NPROXY_DATABASE_URL"
    ]:
        del os.environ[_name]
    os.environ["NPROXY_DATA_DIR"] = tempfile.mkdtemp(prefix="nproxy-tests-")
    os.environ["NPROXY_ENV_FILE"] = ""
    atexit.register(shutil.rmtree, os.environ["NPROXY_DATA_DIR"], ignore_errors=True)
# How long an example takes says something about the machine, not about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")
os.environ["DJANGO_SETTINGS_MODULE"] = "nproxy.config.settings"
django.setup()
# A password of a test is nobody's: the same hash, with a thousandth of the work.
IN_PRODUCTION = {"memory_cost": Argon2.memory_cost, "time_cost": Argon2.time_cost}
Argon2.memory_cost, Argon2.time_cost = 8, 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="long proofs at full size, not at a tenth of it")


# Tests that share real processes: those of one place run in one worker.
TOGETHER = (
    "tests/journeys/",
    "tests/chaos/test_processes.py",
    "tests/chaos/test_promise.py",
    "tests/chaos/test_bot.py",
    "tests/adapters/store/",
    "tests/doors/cli/test_demo.py",
    "tests/rooms/backups/test_drill.py",
)


class Scheduling(LoadScopeScheduling):
    """One test at a time to whoever is free, except `TOGETHER`.

    In place of --dist=loadgroup, whose marks do nothing: xdist 3.8 writes the group into a field that
    pytest 9.2 does not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: whoever watches real processes waits more than it computes."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture
def hashes_as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords take the work that they take in production."""
    for name, value in IN_PRODUCTION.items():
        monkeypatch.setattr(Argon2, name, value)


@pytest.fixture(scope="session")
def scaled(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How many of `n` a long proof does in this run: all with `--full`, else a tenth, at least one."""
    share = 1 if request.config.getoption("--full") else 10
    return lambda n: max(1, n // share)


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """The database server: the one named outside, else an embedded one shared by all workers of this run."""
    if "NPROXY_DATABASE_URL" in os.environ:
        yield
        return
    with postgres.serving(Path(os.environ["NPROXY_DATA_DIR"]), options=IN_A_HURRY):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, database_server: None
) -> None:
    """Asked for by pytest-django just before it creates the test database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that really commit empty every table afterwards, which the audit log and the journal refuse: let it, here.

    At the end, the connections that database threads still keep are cut, so that the database can go.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_no_truncate")
        cursor.execute("ALTER TABLE quota_entry DISABLE TRIGGER quota_entry_no_truncate")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            # Ours alone: an autovacuum, which we may not end, makes way by itself.
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
