"""`nproxy setup` as an operator meets it: asked once, written safely, kept the second time."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from nproxy.cli import env_file
from nproxy.cli.root import nproxy
from nproxy.config import environment

ROOT = Path(__file__).resolve().parents[3]
ANSWERS = [
    "not a name",
    "draw.example.com",
    "smtp.example.com",
    "587",
    "me@example.com",
    "p:w/d#1",
    "",
    "",
    "",
    "",
    "",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text((ROOT / ".env.example").read_text())
    return tmp_path


def run(folder: Path, *answers: str) -> str:
    command = ["setup", "--settings-only", "--folder", str(folder)]
    finished = CliRunner().invoke(nproxy, command, input="\n".join(answers) + "\n")
    assert finished.exit_code == 0, finished.output
    return finished.output


def test_the_answers_make_a_production_that_starts(folder: Path) -> None:
    told = run(folder, *ANSWERS)
    has = env_file.values((folder / ".env").read_text())
    read = environment.read(
        {**has, "NPROXY_ENV": "production", "NPROXY_BASE_URL": f"https://{has['DOMAIN']}"}, directory=folder
    )
    assert read.email_url == "smtp://me%40example.com:p%3Aw%2Fd%231@smtp.example.com:587?tls=starttls"
    assert len(read.encryption_keys) == 1
    assert "must be a" in told
    for secret in ("NPROXY_SECRET_KEY", "NPROXY_ENCRYPTION_KEYS", "NPROXY_DATABASE_PASSWORD"):
        assert has[secret] not in told


def test_what_is_there_is_asked_for_no_more_and_never_changed(folder: Path) -> None:
    run(folder, *ANSWERS)
    before = env_file.values((folder / ".env").read_text())
    run(folder, "", "", "", "", "123:telegram")
    after = env_file.values((folder / ".env").read_text())
    assert after == before | {"NPROXY_TELEGRAM_TOKEN": "123:telegram"}


def test_a_port_that_is_none_is_asked_for_again(folder: Path) -> None:
    run(folder, *ANSWERS[:3], "mail", *ANSWERS[3:])
    assert ":587?" in env_file.values((folder / ".env").read_text())["NPROXY_EMAIL_URL"]


def test_the_folder_is_closed_and_the_file_is_whole(folder: Path) -> None:
    folder.chmod(0o755)
    run(folder, *ANSWERS)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.iterdir()} == {".env", ".env.example"}
