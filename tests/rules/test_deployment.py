"""What the deployment's files say about the product, held against the product."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def service(name: str) -> str:
    """The lines of one service of compose.yaml."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", text("compose.yaml"), re.MULTILINE)
    assert found
    return found[1]


def test_the_image_is_labelled_with_the_version_of_the_project() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert f"ARG VERSION={version}\n" in text("Dockerfile")


def test_the_example_names_every_variable_that_compose_and_caddy_ask_for() -> None:
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", text("compose.yaml")))
    asked |= set(re.findall(r"\{\$([A-Z_]+)", text("deploy/Caddyfile")))
    named = set(re.findall(r"^# ([A-Z0-9_]+)=", text(".env.example"), re.MULTILINE))
    assert asked - {"NPROXY_SETTINGS_FILE", "NPROXY_VERSION", "SETUP_USER"} <= named


def test_no_secret_is_handed_over_in_the_environment() -> None:
    """`docker inspect` shows it to everyone who may ask Docker."""
    handed = re.findall(r"^ +(NPROXY_\w+): ", text("compose.yaml"), re.MULTILINE)
    assert handed
    assert not [name for name in handed if re.search(r"PASSWORD|SECRET|TOKEN|_KEYS?$", name)]


def test_a_container_is_given_longer_to_stop_than_its_process_takes() -> None:
    grace = re.search(r'--grace, "(\d+)"', service("worker"))
    patience = re.search(r"stop_grace_period: (\d+)s", service("worker"))
    assert grace
    assert patience
    assert int(grace[1]) + 10 <= int(patience[1])


def test_nothing_but_caddy_is_reached_from_outside() -> None:
    assert text("compose.yaml").count("    ports:") == 1
    assert "    ports:" in service("caddy")
    assert "networks: [inside]" in service("postgres")


def test_web_is_stopped_last_and_caddy_stays() -> None:
    """Compose stops what an update changes before it starts the first of the new, in the order of what depends on what."""
    waits = service("web").partition("depends_on:")[2].partition("stop_grace_period")[0]
    assert "worker:" in waits
    assert "depends_on" not in service("caddy")


def test_the_bucket_of_the_s3_profile_is_the_one_that_the_example_names() -> None:
    garage, s3, example = tomllib.loads(text("deploy/garage.toml")), service("s3"), text(".env.example")
    port = garage["s3_api"]["api_bind_addr"].rpartition(":")[2]
    bucket = re.search(r"GARAGE_DEFAULT_BUCKET: (\w+)", s3)
    assert bucket
    assert f"s3://{bucket[1]} at http://s3:{port}" in example
    assert f"# NPROXY_S3_REGION={garage['s3_api']['s3_region']}\n" in example
    # It makes the bucket and its key from these, and takes them in no other form (docs/adr/0008).
    assert "server, --single-node, --default-bucket" in s3
    assert '"GK" and `openssl rand -hex 12`, and `openssl rand -hex 32`' in example
    for half in ("ACCESS_KEY", "SECRET_KEY"):
        assert f"GARAGE_DEFAULT_{half}: ${{NPROXY_S3_{half}:-}}\n" in s3
    assert {f":{garage[place]}\n" in s3 for place in ("metadata_dir", "data_dir")} == {True}


def test_every_release_says_what_it_asks_of_operators() -> None:
    _, *releases = text("CHANGELOG.md").split("\n## ")
    assert releases
    assert [
        release.partition("\n")[0] for release in releases if "\n### For operators\n" not in release
    ] == []
