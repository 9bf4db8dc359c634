"""What the running stack shows to strangers, and what its processes may do."""

from __future__ import annotations

import gzip
import io
import json
import re
import ssl
import subprocess
import tarfile
import tempfile
import warnings
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import PurePath
from typing import Any
from uuid import uuid4

import pytest
from tests.compose.asking import Answer, Door
from tests.compose.stack import ComposeStack

OURS = ("web", "worker", "bot", "caddy")
PRIVILEGES = "cat /proc/[0-9]*/status | grep -E '^(Uid|CapEff|NoNewPrivs):'"
# What a secret looks like, whosever it is. Each begins with what is searched for quickly; the sandbox's are no secrets.
LOOKS = [
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}",
    rb"AKIA[0-9A-Z]{16}\b",
    rb"AIza[\w-]{35}\b",
    rb"sk-(?:or-v1-|ant-|proj-)[\w-]{32}",
    rb"sk_live_[0-9A-Za-z]{20}",
    rb"gh[pousr]_[0-9A-Za-z]{36}\b",
    rb"glpat-[\w-]{20}\b",
    rb"pypi-AgE[\w-]{50}",
    rb"xox[abprs]-[0-9]+-[0-9A-Za-z-]{20}",
    rb":AA(?!sandbox)[\w-]{33}\b",
    rb"eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}",
    rb"://[\w.-]+:[0-9A-Za-z+/_-]{20,}@",
    rb"NPROXY_[A-Z_]*(?:KEYS?|PASSWORD|SECRET|TOKEN)=[\w+/=-]{16}",
]
KEPT_BY = {
    ".env",
    ".netrc",
    ".pypirc",
    ".pgpass",
    "id_rsa",
    "id_ed25519",
    "secret_key",
    "encryption_key",
    "demo.env",
}
# Beyond its base.
LARGEST = 350_000_000
ON_EVERY_ANSWER = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}
# Over what Caddy takes as a callback, and over what web takes as a form.
LARGE = {"Content-Length": "1000000"}
TOO_MUCH = b"x" * (25 << 20)


def shows_no_banner(answer: Answer) -> bool:
    return not {"server", "via", "x-powered-by"} & {name.lower() for name in answer.headers}


def test_every_kind_of_answer_carries_its_headers_and_no_banner(stack: ComposeStack) -> None:
    door = stack.door
    page = door.ask("/accounts/login/")
    file = re.findall(r'"(/static/[^"]+\.css)"', page.text)[0]
    answers = {
        "a page": (page, 200),
        "the landing page": (door.ask("/"), 200),
        "a sign of life": (door.ask("/healthz"), 200),
        "a file": (door.ask(file), 200),
        "a file, compressed": (door.ask(file, headers={"Accept-Encoding": "gzip"}), 200),
        "no such file": (door.ask("/static/nothing.css"), 404),
        "no such page": (door.ask("/nowhere/"), 404),
        "no picture for strangers": (door.ask(f"/images/{uuid4()}/"), 404),
        "a long poll of nobody": (door.ask("/updates/"), 401),
        "on to the operators' log-in": (door.ask("/admin/"), 302),
        "figures": (door.ask("/metrics"), 401),
        "a wrong method": (door.ask("/webhooks/nowpayments/", method="PUT"), 405),
        "no signature": (door.ask("/webhooks/nowpayments/", method="POST", body=b"{}"), 401),
        "a forged form": (door.ask("/accounts/login/", method="POST", body=b"login=x"), 403),
        "too large for Caddy": (door.ask("/webhooks/nowpayments/", method="POST", headers=LARGE), 413),
        "too large for web": (door.ask("/accounts/login/", method="POST", body=TOO_MUCH), 413),
    }
    assert {what: answer.status for what, (answer, _) in answers.items()} == {
        what: status for what, (_, status) in answers.items()
    }
    lacking = [
        (what, name)
        for what, (answer, _) in answers.items()
        for name, value in ON_EVERY_ANSWER.items()
        if value not in answer.headers.get(name, "")
    ]
    assert lacking == []
    assert [what for what, (answer, _) in answers.items() if not shows_no_banner(answer)] == []


def test_plain_http_leads_to_https_and_says_nothing_else(stack: ComposeStack) -> None:
    answer = Door("localhost", stack.ports["HTTP_PORT"], None).ask("/chat/?a=1")
    assert answer.status == 301
    assert answer.headers["Location"] == f"{stack.site}/chat/?a=1"
    assert answer.text == ""
    assert shows_no_banner(answer)


def test_a_name_that_is_not_ours_gets_nothing(stack: ComposeStack) -> None:
    answer = stack.door.ask("/", headers={"Host": "elsewhere.example"})
    assert (answer.status, answer.text) == (421, "")
    assert shows_no_banner(answer)


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [("TLSv1", False), ("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)],
)
def test_old_tls_is_refused(stack: ComposeStack, version: str, is_taken: bool) -> None:
    tls = stack.tls
    # This side would say anything: whatever is refused is refused by Caddy.
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion[version]
    door = Door("localhost", stack.ports["HTTPS_PORT"], tls)
    if is_taken:
        assert door.ask("/healthz").status == 200
    else:
        with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"):
            door.ask("/healthz")


def test_cookies_are_closed_to_scripts_to_plain_http_and_to_other_sites(stack: ComposeStack) -> None:
    login = stack.person("keksi")
    door = stack.door
    door.ask("/accounts/login/")
    cookies = door.fill_in("/accounts/login/", login=login.email, password=login.password)
    told = cookies.headers.get_all("Set-Cookie") or []
    assert {name for cookie in told for name in SimpleCookie(cookie)} >= {"sessionid", "csrftoken"}
    for cookie in told:
        assert "Secure" in cookie
        assert "SameSite=Lax" in cookie
        assert "HttpOnly" in cookie or not cookie.startswith("sessionid")


def test_figures_are_for_those_who_know_the_token(stack: ComposeStack) -> None:
    assert stack.door.ask("/metrics").status == 401
    wrong = stack.door.ask("/metrics", headers={"Authorization": "Bearer guessed"})
    assert wrong.status == 401
    token = stack.secrets()["NPROXY_METRICS_TOKEN"]
    figures = stack.door.ask("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert figures.status == 200
    assert "nproxy_queue_depth" in figures.text


@pytest.mark.parametrize("service", [*OURS, "postgres"])
def test_nobody_is_root_and_nobody_has_a_capability_in_force(stack: ComposeStack, service: str) -> None:
    inside = stack.compose("exec", "-T", *_not_as_root(service), service, "sh", "-c", PRIVILEGES)
    facts = [line.split() for line in inside.splitlines()]
    assert facts
    for name, value, *_ in facts:
        assert (name, value) not in {("Uid:", "0"), ("NoNewPrivs:", "0")}
        assert name != "CapEff:" or int(value, 16) == 0


def _not_as_root(service: str) -> tuple[str, ...]:
    return ("-u", "postgres") if service == "postgres" else ()


@pytest.mark.parametrize("service", OURS)
def test_roots_are_read_only_and_only_named_places_are_not(stack: ComposeStack, service: str) -> None:
    host = stack.inspect(service)["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["LogConfig"]["Config"]["max-size"] == "10m"


def test_the_database_is_reached_by_neighbours_only(stack: ComposeStack) -> None:
    database = stack.inspect("postgres")
    assert not any(database["NetworkSettings"]["Ports"].values())
    [network] = database["NetworkSettings"]["Networks"]
    told = subprocess.run(["docker", "network", "inspect", network], capture_output=True, check=True).stdout
    assert json.loads(told)[0]["Internal"]


def test_no_secret_stands_in_an_environment(stack: ComposeStack) -> None:
    for service in (*OURS, "postgres"):
        told = json.dumps(stack.inspect(service))
        assert not [name for name, value in stack.secrets().items() if value in told]


def test_the_image_is_small_and_tells_its_version(stack: ComposeStack) -> None:
    ours, base = (_image(name) for name in ("nproxy:latest", "python:3.13-slim-trixie"))
    assert ours["Size"] - base["Size"] < LARGEST
    assert ours["Config"]["Labels"]["org.opencontainers.image.version"]
    assert ours["Config"]["User"] == "10001:10001"


def _image(name: str) -> dict[str, Any]:
    told = subprocess.run(["docker", "image", "inspect", name], capture_output=True, check=True).stdout
    found: dict[str, Any] = json.loads(told)[0]
    return found


@pytest.mark.parametrize(
    ("image", "base"), [("nproxy:latest", "python:3.13-slim-trixie"), ("nproxy-proxy:latest", "caddy:2")]
)
def test_nothing_in_our_layers_looks_like_a_secret(stack: ComposeStack, image: str, base: str) -> None:
    looks = [*LOOKS, *(re.escape(value.encode()) for value in stack.secrets().values())]
    for name, layer in _own_layers(image, base):
        assert [match[0][:60] for look in looks for match in re.finditer(look, layer)] == [], name
        if name == "layer":
            with tarfile.open(fileobj=io.BytesIO(layer)) as files:
                assert not KEPT_BY & {PurePath(file).name for file in files.getnames()}, name


def _own_layers(image: str, base: str) -> Iterator[tuple[str, bytes]]:
    """What the image is made by and with which settings, then each layer above those of its base, whether or not a later one hides it."""
    with tempfile.TemporaryFile() as file:
        subprocess.run(["docker", "save", image], stdout=file, check=True)
        file.seek(0)
        with tarfile.open(fileobj=file) as saved:
            [manifest] = json.loads(_member(saved, "manifest.json"))
            yield "history", _member(saved, manifest["Config"])
            for name in manifest["Layers"][len(_image(base)["RootFS"]["Layers"]) :]:
                yield "layer", _member(saved, name)


def _member(saved: tarfile.TarFile, name: str) -> bytes:
    found = saved.extractfile(name)
    assert found
    data = found.read()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
