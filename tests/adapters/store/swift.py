"""A real S3 server that checks signatures: OpenStack Swift with its s3api, one device, one copy, on this machine."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nproxy.kit.s3_uploads import signed

ACCESS_KEY, SECRET_KEY = "test:tester", "testing"
REGION = "us-east-1"
READY_SECONDS = 120
STORAGE = ("account", "container", "object")
BIN = Path(sys.executable).parent

COMMON = """
[DEFAULT]
bind_ip = {bind}
bind_port = {port}
swift_dir = {folder}
devices = {folder}/srv
mount_check = false
fallocate_reserve = 0
workers = 0
user = root
"""
PROXY = """
[pipeline:main]
pipeline = catch_errors s3api tempauth slo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""
SERVER = """
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
HASHES = """
[swift-hash]
swift_hash_path_suffix = a
swift_hash_path_prefix = b
[storage-policy:0]
name = only
default = yes
"""
TOMORROW = "import time; clock = time.time; time.time = lambda: clock() + 86400"
# In a process of its own: Swift brings eventlet.
RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *places = sys.argv[1:]
for kind, port in (place.split("=") for place in places):
    builder = RingBuilder(1, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1", "weight": 1.0})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
"""


@dataclass(frozen=True)
class Swift:
    endpoint: str
    port: int
    folder: Path
    front: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Nobody answers any more, connections hang: as a machine that has lost its network."""
        self.front.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.front.send_signal(signal.SIGCONT)

    def make_bucket(self, name: str) -> None:
        """By a request signed with AWS signature 4: nothing else here can make one."""
        host = self.endpoint.removeprefix("http://")
        who = {"region": REGION, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
        headers = signed("PUT", host, f"/{name}", "", now=datetime.now(UTC), **who)
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT", headers=headers)
        urllib.request.urlopen(request, timeout=60).close()

    @contextmanager
    def of_tomorrow(self) -> Iterator[str]:
        """The address of another door to the same buckets, whose clock is a day ahead."""
        port = _free_port()
        conf = self.folder / "tomorrow.conf"
        conf.write_text(COMMON.format(port=port, folder=self.folder, bind="127.0.0.1") + PROXY)
        server = _server(self.folder, "proxy", conf, before=TOMORROW)
        try:
            _until_they_listen([port], [server])
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


@contextmanager
def running(*, bind: str = "127.0.0.1") -> Iterator[Swift]:
    """Four processes, until the block ends; the one that speaks S3 listens at `bind`."""
    with tempfile.TemporaryDirectory(prefix="swift-") as name:
        folder = Path(name)
        ports = {kind: _free_port() for kind in (*STORAGE, "proxy")}
        _write(folder, ports, bind)
        servers = [_server(folder, kind, folder / f"{kind}.conf") for kind in ports]
        try:
            _until_they_listen(ports.values(), servers)
            yield Swift(f"http://127.0.0.1:{ports['proxy']}", ports["proxy"], folder, servers[-1])
        finally:
            for server in servers:
                server.kill()
                server.wait()


def _write(folder: Path, ports: dict[str, int], bind: str) -> None:
    (folder / "srv" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(HASHES)
    for kind, port in ports.items():
        pipeline = PROXY if kind == "proxy" else SERVER.format(kind=kind)
        head = COMMON.format(port=port, folder=folder, bind=bind if kind == "proxy" else "127.0.0.1")
        (folder / f"{kind}.conf").write_text(head + pipeline)
    places = [f"{kind}={port}" for kind, port in ports.items() if kind in STORAGE]
    subprocess.run([sys.executable, "-c", RINGS, str(folder), *places], check=True, capture_output=True)


def _server(folder: Path, kind: str, conf: Path, *, before: str = "") -> subprocess.Popen[bytes]:
    """`before` is Python that runs in the process first."""
    program = f"{before}\nimport runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')"
    with (folder / f"{conf.stem}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", program, str(BIN / f"swift-{kind}-server"), str(conf), "--verbose"],
            stdout=log,
            stderr=log,
        )


def _until_they_listen(ports: Iterable[int], servers: list[subprocess.Popen[bytes]]) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while not all(_listens(port) for port in ports):
        assert time.monotonic() < give_up, "Swift does not start"
        assert all(server.poll() is None for server in servers), "one of Swift's servers ended"
        time.sleep(0.2)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
