"""What the running stack shows to strangers, and what its processes may do."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from tests.compose.stack import ComposeStack

OURS = ("web", "worker", "bot", "caddy")
PRIVILEGES = "cat /proc/[0-9]*/status | grep -E '^(Uid|CapEff|NoNewPrivs):'"
SECRETS = ("NPROXY_DATABASE_PASSWORD", "NPROXY_SECRET_KEY", "NPROXY_ENCRYPTION_KEYS")
BLOCK = 2**20


def ask(
    stack: ComposeStack, path: str, *, host: str | None = None, plain: bool = False
) -> http.client.HTTPResponse:
    line = (
        http.client.HTTPConnection("localhost", stack.ports["HTTP_PORT"])
        if plain
        else http.client.HTTPSConnection("localhost", urlsplit(stack.site).port, context=stack.tls)
    )
    with closing(line):
        line.request("GET", path, headers={"Host": host} if host else {})
        answer = line.getresponse()
        answer.read()
        return answer


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nowhere/", "/healthz", "/updates/", "/admin/"])
def test_every_answer_carries_its_headers_and_no_banner(stack: ComposeStack, path: str) -> None:
    answer = ask(stack, path)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    for banner in ("Server", "Via", "X-Powered-By"):
        assert banner not in answer.headers


def test_plain_http_leads_to_https_and_says_nothing_else(stack: ComposeStack) -> None:
    answer = ask(stack, "/chat/?a=1", plain=True)
    assert answer.status == 301
    assert answer.headers["Location"] == f"{stack.site}/chat/?a=1"
    assert "Server" not in answer.headers


def test_a_name_that_is_not_ours_gets_nothing(stack: ComposeStack) -> None:
    answer = ask(stack, "/", host="elsewhere.example")
    assert answer.status == 421
    assert "Server" not in answer.headers


def test_cookies_are_closed_to_scripts_to_plain_http_and_to_other_sites(stack: ComposeStack) -> None:
    cookies = ask(stack, "/accounts/login/").headers.get_all("Set-Cookie") or []
    assert cookies
    for cookie in cookies:
        assert "Secure" in cookie
        assert "SameSite=Lax" in cookie
    settings = stack.compose(
        "exec", "-T", "web", "python", "-c",
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'nproxy.config.settings';"
        " from django.conf import settings as s; print(s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SECURE)",
    )  # fmt: skip
    assert settings.split() == ["True", "True"]


def test_figures_and_operators_pages_are_closed_as_configured(stack: ComposeStack) -> None:
    assert ask(stack, "/metrics").status in {401, 403, 404}
    assert ask(stack, "/admin/").status == 302


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
    secrets = _secrets(stack)
    for service in (*OURS, "postgres"):
        told = json.dumps(stack.inspect(service))
        assert not [name for name, value in secrets.items() if value in told]


@pytest.mark.parametrize("image", ["nproxy:latest", "nproxy-proxy:latest"])
def test_no_secret_is_in_a_layer_of_an_image(stack: ComposeStack, image: str) -> None:
    needles = [value.encode() for value in _secrets(stack).values()]
    # As a tar's entry has it, a name begins a block.
    needles += [b"\0.env\0", b"/.env\0", b"secrets/secret_key\0", b"secrets/encryption_key\0"]
    found = {needle for block in _saved(image) for needle in needles if needle in block}
    assert found == set()


def _secrets(stack: ComposeStack) -> dict[str, str]:
    lines = dict(line.split("=", 1) for line in stack.settings.read_text().splitlines())
    return {name: lines[name] for name in SECRETS}


def _saved(image: str) -> Iterator[bytes]:
    """An image with all its layers, in blocks that overlap."""
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saving:
        assert saving.stdout is not None
        last = b""
        while block := saving.stdout.read(BLOCK):
            yield last + block
            last = block[-256:]
