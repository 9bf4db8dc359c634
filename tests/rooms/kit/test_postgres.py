"""The embedded server, for real: every test starts, shares or kills one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from nproxy.kit.folders import make_private
from nproxy.kit.postgres import PostgresUnavailable, binaries, places, serving, url

OPTIONS = {"fsync": "off"}
HOLDER = """
import sys
from pathlib import Path
from nproxy.kit.postgres import serving
with serving(Path(sys.argv[1]), options={"fsync": "off"}):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    pid = postmaster(tmp_path / "data")
    assert pid is None, "a test left a server behind"


def ask(data_dir: Path, query: str) -> object:
    with psycopg.connect(url(data_dir), connect_timeout=10) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def postmaster(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    except FileNotFoundError:
        return None


def holder(data_dir: Path) -> subprocess.Popen[str]:
    """Another process that keeps the server up until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def let_go(process: subprocess.Popen[str]) -> None:
    process.communicate()
    assert process.returncode == 0


def eventually(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    give_up = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def test_the_server_is_up_inside_and_gone_outside(data_dir: Path) -> None:
    with serving(data_dir, options=OPTIONS) as address:
        assert address == url(data_dir)
        assert ask(data_dir, "SELECT 1") == 1
    assert postmaster(data_dir) is None
    assert not places.socket_dir(data_dir).exists()


def test_what_was_stored_is_there_after_a_restart(data_dir: Path) -> None:
    with serving(data_dir, options=OPTIONS), psycopg.connect(url(data_dir)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'æøå' AS word")
    with serving(data_dir, options=OPTIONS):
        assert ask(data_dir, "SELECT word FROM kept") == "æøå"


def test_the_application_is_no_superuser_and_nobody_listens_on_the_network(data_dir: Path) -> None:
    with serving(data_dir, options=OPTIONS):
        assert ask(data_dir, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(data_dir, "SHOW listen_addresses") == ""
        assert places.socket_dir(data_dir).stat().st_mode & 0o777 == 0o700


def test_processes_share_one_server_and_the_last_one_out_stops_it(data_dir: Path) -> None:
    first, second = holder(data_dir), holder(data_dir)
    server = postmaster(data_dir)
    let_go(first)
    assert postmaster(data_dir) == server
    assert ask(data_dir, "SELECT 1") == 1
    let_go(second)
    assert postmaster(data_dir) is None


def test_processes_that_start_together_start_one_server(data_dir: Path) -> None:
    many = [
        subprocess.Popen([sys.executable, "-c", HOLDER, str(data_dir)], stdin=subprocess.DEVNULL)
        for _ in range(5)
    ]
    assert [process.wait(timeout=60) for process in many] == [0] * 5


def test_a_killed_user_does_not_take_the_server_along(data_dir: Path) -> None:
    killed = holder(data_dir)
    server = postmaster(data_dir)
    killed.kill()
    killed.communicate()
    assert postmaster(data_dir) == server
    with serving(data_dir, options=OPTIONS):
        assert postmaster(data_dir) == server
    assert postmaster(data_dir) is None


def test_a_killed_server_is_started_again_under_its_users(data_dir: Path) -> None:
    with serving(data_dir, options=OPTIONS), psycopg.connect(url(data_dir)):
        server = postmaster(data_dir)
        assert server is not None
        os.kill(server, signal.SIGKILL)
        assert eventually(lambda: postmaster(data_dir) not in {None, server})
        assert eventually(lambda: ask_or_none(data_dir) == 1)


def ask_or_none(data_dir: Path) -> object:
    try:
        return ask(data_dir, "SELECT 1")
    except psycopg.OperationalError:
        return None


def test_a_server_and_its_user_that_were_both_killed_come_back(data_dir: Path) -> None:
    killed = holder(data_dir)
    server = postmaster(data_dir)
    assert server is not None
    killed.kill()
    os.kill(server, signal.SIGKILL)
    killed.communicate()
    with serving(data_dir, options=OPTIONS):
        assert ask(data_dir, "SELECT 1") == 1
        assert postmaster(data_dir) != server


def test_a_pid_file_whose_number_went_to_another_program_does_not_block_the_start(data_dir: Path) -> None:
    with serving(data_dir, options=OPTIONS):
        lines = (data_dir / "postgres" / "postmaster.pid").read_text()
    stale = lines.replace(lines.split("\n")[0], str(os.getpid()), 1)
    (data_dir / "postgres" / "postmaster.pid").write_text(stale)
    with serving(data_dir, options=OPTIONS):
        assert ask(data_dir, "SELECT 1") == 1


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir(parents=True)
    (data_dir / "postgres.new" / "PG_VERSION").write_text("15\n")
    with serving(data_dir, options=OPTIONS):
        assert ask(data_dir, "SELECT 1") == 1


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with serving(data_dir, options=OPTIONS):
        server = postmaster(data_dir)
        assert server is not None
        assert os.getsid(server) != os.getsid(0)


def test_a_failure_is_one_line_with_the_end_of_the_log(data_dir: Path) -> None:
    with (
        pytest.raises(PostgresUnavailable) as caught,
        serving(data_dir, options={"shared_buffers": "no number"}),
    ):
        pass
    assert "shared_buffers" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_could_not_start_leaves_no_socket_directory(data_dir: Path) -> None:
    with pytest.raises(PostgresUnavailable), serving(data_dir, options={"shared_buffers": "no number"}):
        pass
    assert not places.socket_dir(data_dir).exists()


def test_empty_socket_directories_left_behind_are_swept_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "TEMPORARY", tmp_path)
    old, young, used, other = (tmp_path / f"nproxy-{os.geteuid()}-{word * 12}" for word in "abc0")
    foreign = tmp_path / "nproxy-elsewhere"
    for directory in (old, young, used, foreign):
        directory.mkdir()
    (used / "socket").touch()
    other.symlink_to(foreign)
    for directory in (old, used, foreign):
        os.utime(directory, (1, 1))
    places.sweep(os.geteuid())
    assert sorted(tmp_path.iterdir()) == sorted([young, used, other, foreign])


def test_a_new_data_directory_is_closed_to_others_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o755)
    make_private(open_to_all / "new" / "data")
    make_private(open_to_all)
    modes = [
        path.stat().st_mode & 0o777
        for path in (open_to_all / "new" / "data", open_to_all / "new", open_to_all)
    ]
    assert modes == [0o700, 0o700, 0o755]


def test_a_socket_directory_of_someone_else_is_refused(data_dir: Path) -> None:
    theirs = places.socket_dir(data_dir)
    theirs.symlink_to("/")
    try:
        with pytest.raises(PostgresUnavailable, match="belongs to someone else"), serving(data_dir):
            pass
    finally:
        theirs.unlink()


def test_the_place_of_the_socket_is_short_and_depends_on_the_data_directory_alone(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name"] * 10)
    socket = places.socket_dir(deep) / ".s.PGSQL.5432"
    assert len(os.fsencode(socket)) < 100
    assert places.socket_dir(deep) == places.socket_dir(deep / "." / "x" / "..")
    assert places.socket_dir(deep) != places.socket_dir(tmp_path)


@pytest.mark.parametrize("found", list(binaries.installed()), ids=lambda found: f"{found.bindir}")
def test_every_installation_found_here_serves(data_dir: Path, found: binaries.Installation) -> None:
    with serving(data_dir, bindir=found.bindir, options=OPTIONS):
        assert int(str(ask(data_dir, "SHOW server_version_num"))) // 10000 == found.major
        assert ask(data_dir, "SELECT lower('ÄÖ')") == "äö"
    # And again without naming it: the binaries that fit the files are chosen.
    with serving(data_dir, options=OPTIONS):
        assert ask(data_dir, "SELECT 1") == 1


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up being root")


@needs_root
def test_root_serves_from_a_directory_that_only_root_can_reach(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with serving(closed / "data", options=OPTIONS):
        server = postmaster(closed / "data")
        status = Path(f"/proc/{server}/status").read_text()
        assert ask(closed / "data", "SELECT 1") == 1
    assert "Uid:\t0" not in status
    assert closed.stat().st_mode & 0o777 == 0o700


@needs_root
def test_root_serves_with_binaries_that_only_root_can_reach(tmp_path: Path) -> None:
    wheel = next(
        (each.bindir.parent.parent for each in binaries.installed() if binaries.WHEEL in each.bindir.parts),
        None,
    )
    if wheel is None:
        pytest.skip("the wheel is not installed")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for package in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        subprocess.run(["cp", "-r", package, closed], check=True)
    bindir = next((closed / wheel.name).glob("pginstall*/bin"))
    with serving(tmp_path / "data", bindir=bindir, options=OPTIONS):
        assert ask(tmp_path / "data", "SELECT 1") == 1


@needs_root
def test_a_plain_user_serves_too(tmp_path: Path) -> None:
    script = "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534);" + HOLDER
    open_to_all = Path(os.environ["NPROXY_DATA_DIR"]).parent / f"nproxy-plain-{os.getpid()}"
    open_to_all.mkdir(mode=0o777)
    os.chown(open_to_all, 65534, 65534)
    try:
        # The imports come before the change of account: a clone under root's home stays closed to it.
        early = "import nproxy.kit.postgres, encodings.idna\n"
        done = subprocess.run(
            [sys.executable, "-c", early + script, str(open_to_all / "data")],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.returncode) == ("up\n", 0), done.stderr
    finally:
        subprocess.run(["rm", "-rf", open_to_all], check=True)
