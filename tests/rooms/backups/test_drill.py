"""The restore drill: an installation is backed up, and put back elsewhere, by the real command on real databases."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from nproxy.backups import archive, rules
from nproxy.kit import postgres

KEY, OTHER_KEY = (secrets.token_hex(32) for _ in range(2))
HISTORY = Path(__file__).with_name("history.py")


@dataclass(frozen=True)
class Installation:
    """A database and a data directory of their own."""

    url: str
    data_dir: Path
    key: str = KEY

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
        environment = clean | {
            "NPROXY_DATABASE_URL": self.url,
            "NPROXY_DATA_DIR": str(self.data_dir),
            "NPROXY_ENCRYPTION_KEYS": self.key,
            "NPROXY_ENV_FILE": "",
        }
        return subprocess.run(
            [sys.executable, *command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def nproxy(self, *arguments: str) -> str:
        finished = self.run("-m", "nproxy.cli", *arguments)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def refusal(self, *arguments: str) -> str:
        finished = self.run("-m", "nproxy.cli", *arguments)
        assert finished.returncode == 1, finished.stdout
        return finished.stderr

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table, as text, and where each sequence stands."""
        with psycopg.connect(self.url) as database:
            tables = database.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            ).fetchall()
            found = {
                table: sorted(
                    row[0]
                    for row in database.execute(
                        sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
                    )
                )
                for (table,) in tables
            }
            found["sequences"] = sorted(
                str(row) for row in database.execute("SELECT sequencename, last_value FROM pg_sequences")
            )
        return found

    def files(self) -> dict[str, bytes]:
        root = self.data_dir / "files"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


Empty = Callable[[], Installation]


@pytest.fixture(scope="module")
def database_url(database_server: None) -> str:
    """The tests' server, where databases may be made."""
    return os.environ.get("NPROXY_DATABASE_URL") or postgres.url(Path(os.environ["NPROXY_DATA_DIR"]))


@pytest.fixture(scope="module")
def empty(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    """Makes installations with nothing in them, not even tables."""
    names: list[str] = []
    admin = psycopg.connect(psycopg.conninfo.make_conninfo(database_url, dbname="postgres"), autocommit=True)

    def make() -> Installation:
        names.append(f"drill_{secrets.token_hex(4)}")
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(names[-1])))
        parts = urlsplit(database_url)
        return Installation(parts._replace(path=f"/{names[-1]}").geturl(), tmp_path_factory.mktemp(names[-1]))

    yield make
    for name in names:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    admin.close()


@pytest.fixture(scope="module")
def lived(empty: Empty) -> Installation:
    """An installation in which things have happened."""
    place = empty()
    place.nproxy("migrate")
    told = place.run(str(HISTORY))
    assert told.returncode == 0, told.stderr
    return place


@pytest.fixture(scope="module")
def backup(lived: Installation) -> Path:
    file = lived.data_dir / "backups" / "one.nproxy.tar"
    lived.nproxy("backup", "create", str(file))
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    return file


@pytest.fixture(scope="module")
def restored(empty: Empty, backup: Path) -> Installation:
    place = empty()
    place.nproxy("backup", "restore", str(backup), "--yes")
    return place


def test_every_row_and_every_file_comes_back(lived: Installation, restored: Installation) -> None:
    before, after = lived.rows(), restored.rows()
    # Written by the restore itself, after what it brought back; made by migrating; and a cache.
    [entry] = set(after.pop("audit_auditentry")) - set(before.pop("audit_auditentry"))
    assert "backup.restored" in entry
    for of_their_own in ("django_migrations", "backups_backuprun", "cache", "sequences"):
        before.pop(of_their_own)
        after.pop(of_their_own)
    assert after == before
    assert sum(map(len, before.values())) > 50
    kept = {path: data for path, data in lived.files().items() if path in restored.files()}
    assert restored.files() == kept
    # Two drawn and one brought for each of two people; a drawn one has a smaller form; the deleted are left out.
    assert len(kept) == 2 * (2 * 2 + 1)


def test_what_was_restored_goes_on(restored: Installation) -> None:
    restored.nproxy("ledger", "verify")
    [run] = json.loads(restored.nproxy("backup", "list", "--json"))
    assert run["state"] == "ok"


def test_the_guards_of_the_tables_wake_again(restored: Installation) -> None:
    with psycopg.connect(restored.url) as database, pytest.raises(psycopg.errors.RestrictViolation):
        database.execute("DELETE FROM audit_auditentry")


def test_a_backup_names_the_encryption_keys_and_never_holds_them(backup: Path) -> None:
    with backup.open("rb") as source:
        header, _ = archive.read_through(source)
    assert len(header.encryption_keys) == 1
    assert KEY.encode() not in backup.read_bytes()
    assert bytes.fromhex(KEY) not in backup.read_bytes()


def test_other_encryption_keys_than_the_backups_are_told(
    lived: Installation, empty: Empty, backup: Path
) -> None:
    stranger = replace(empty(), key=OTHER_KEY)
    told = stranger.refusal("backup", "restore", str(backup), "--yes")
    assert "NPROXY_ENCRYPTION_KEYS does not hold the key" in told
    assert stranger.rows().keys() == {"sequences"}


def test_after_a_rotation_the_new_encryption_key_alone_opens_everything(empty: Empty, backup: Path) -> None:
    before = empty()
    before.nproxy("backup", "restore", str(backup), "--yes")
    between, after = replace(before, key=f"{OTHER_KEY},{KEY}"), replace(before, key=OTHER_KEY)
    # Too early: the new key alone opens nothing, and says so.
    assert "NPROXY_ENCRYPTION_KEYS" in after.refusal("secrets", "rotate")
    assert between.nproxy("secrets", "rotate").startswith("3 secrets")  # a provider key, two second factors
    assert after.nproxy("secrets", "rotate").startswith("3 secrets")
    assert "NPROXY_ENCRYPTION_KEYS" in replace(before, key=KEY).refusal("secrets", "rotate")


def test_an_installation_that_is_newer_is_left_alone_unless_forced(
    lived: Installation, restored: Installation, backup: Path
) -> None:
    told = restored.refusal("backup", "restore", str(backup), "--yes")
    assert "newer than the backup" in told
    restored.nproxy("backup", "restore", str(backup), "--yes", "--force")


def test_a_running_installation_is_left_alone(restored: Installation, backup: Path) -> None:
    with psycopg.connect(restored.url, application_name="nproxy"):
        assert "nproxy runs" in restored.refusal("backup", "restore", str(backup), "--yes")


def test_a_backup_that_was_cut_short_harms_nothing(restored: Installation, backup: Path) -> None:
    cut = backup.with_name("cut.nproxy.tar")
    cut.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    before = restored.rows()
    restored.refusal("backup", "restore", str(cut), "--yes", "--force")
    assert restored.rows() == before


def test_a_restore_that_fails_halfway_leaves_what_was_there(restored: Installation, backup: Path) -> None:
    before = restored.rows()
    lying = _with_one_user_more(backup, backup.with_name("lying.nproxy.tar"))
    told = restored.refusal("backup", "restore", str(lying), "--yes", "--force")
    assert "other numbers of rows" in told
    assert restored.rows() == before


def _with_one_user_more(backup: Path, copy: Path) -> Path:
    """The same backup, whole in itself, whose manifest counts one person too many."""
    with backup.open("rb") as source:
        header, manifest = archive.read_through(source)
    with backup.open("rb") as source, copy.open("wb") as sink:
        writer = archive.Writer(sink, header)
        for name, data in archive.members(source):
            if name not in {rules.HEADER, rules.MANIFEST}:
                writer._add(name, data)
        writer.manifest.rows = manifest.rows | {"accounts_user": manifest.rows["accounts_user"] + 1}
        writer.close()
    assert tarfile.is_tarfile(copy)
    return copy
