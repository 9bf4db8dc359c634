"""How one setting is read: from the environment, from the file that `<NAME>_FILE` names, from `.env`.

Parsers take the text and raise ValueError with the end of a sentence ("must be …").
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from croniter import croniter
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

T = TypeVar("T")

PREFIX = "NPROXY_"


class SettingError(Exception):
    """A setting is missing or malformed; the message is one line that names it."""


def lookup(environ: Mapping[str, str], name: str, *, secret: bool) -> str:
    """The text of setting `name`, "" when unset or empty. Raises SettingError."""
    given = environ.get(name, "").strip()
    file = environ.get(f"{name}_FILE", "").strip() if secret else ""
    if not file:
        return given
    if given:
        raise SettingError(f"{name} and {name}_FILE are both set: keep one")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingError(f"{name}_FILE: cannot read {file}: {reason}") from error


def parsed(name: str, given: str, parse: Callable[[str], T], *, secret: bool) -> T:
    """`given` as a value. Raises SettingError; the text of a secret is not in it."""
    try:
        return parse(given)
    except ValueError as error:
        shown = "" if secret else f", not {given!r}"
        # `from None`: the cause may carry the text.
        raise SettingError(f"{name} {error}{shown}") from None


def dotenv(path: Path) -> dict[str, str]:
    """The `NPROXY_…` lines of a file of KEY=value lines; {} when there is none. Raises SettingError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"NPROXY_ENV_FILE: cannot read {path}: {error}") from error
    values = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingError(f"NPROXY_ENV_FILE: line {number} of {path} is not KEY=value")
        if name.strip().startswith(PREFIX):
            values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    # As in a shell: a comment starts after a space.
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()


def text(given: str) -> str:
    return given


def path(given: str) -> Path:
    return Path(given).expanduser().resolve()


def choice(*names: str) -> Callable[[str], str]:
    def parse(given: str) -> str:
        if given not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return given

    return parse


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(given: str) -> int:
        if not re.fullmatch(r"\d{1,12}", given, re.ASCII) or not lowest <= int(given) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(given)

    return parse


def seconds(given: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", given, re.ASCII) or float(given) == 0:
        raise ValueError("must be a number of seconds above 0")
    return float(given)


def fraction(given: str) -> Decimal:
    try:
        value = Decimal(given)
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and 0 <= value < 1):
        raise ValueError("must be a number from 0 up to 1 (0.01 is one percent)")
    return value


def web_url(given: str) -> str:
    """An http(s) address without credentials, query or fragment; a `/` at its end is dropped."""
    parts = urlsplit(given)
    plain = not (parts.username or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain or _port_is_wrong(given):
        raise ValueError("must be an address such as https://example.com")
    return given.rstrip("/")


def database_url(given: str) -> str:
    wanted = "must be an address such as postgresql://user:password@host:5432/name"
    if urlsplit(given).scheme not in {"postgresql", "postgres"}:
        raise ValueError(wanted)
    try:
        conninfo_to_dict(given)
    except ProgrammingError:
        raise ValueError(wanted) from None
    return given


def email_url(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme == "file":
        return given
    if parts.scheme != "smtp" or not parts.hostname or _port_is_wrong(given):
        raise ValueError("must be an address such as smtp://user:password@host:587?tls=starttls")
    if parts.query not in {"", "tls=none", "tls=starttls", "tls=implicit"}:
        raise ValueError("must end in ?tls=starttls, ?tls=implicit or ?tls=none")
    return given


def storage_url(given: str) -> str:
    if not re.fullmatch(r"file:.*|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", given):
        raise ValueError("must be file:PATH or s3://BUCKET")
    return given


def email_address(given: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", given.rpartition("<")[2].removesuffix(">")):
        raise ValueError("must be an e-mail address")
    return given


def words(given: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in given.split(",") if word.strip())


def one_or_two(given: str) -> tuple[str, ...]:
    found = words(given)
    if len(found) > 2:
        raise ValueError("must be one secret, or two separated by a comma while they change")
    return found


def secret_key(given: str) -> str:
    if len(given) < 32:
        raise ValueError("must be at least 32 random characters")
    return given


def encryption_keys(given: str) -> tuple[bytes, ...]:
    """Keys of 32 bytes, newest first, each in base64 (either alphabet) or as 64 hexadecimal digits."""
    return tuple(_key(word) for word in words(given))


def _key(word: str) -> bytes:
    try:
        if re.fullmatch(r"[0-9a-fA-F]{64}", word):
            return bytes.fromhex(word)
        standard = word.rstrip("=").replace("-", "+").replace("_", "/")
        key = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise ValueError("must be keys of 32 random bytes in base64, separated by commas")
    return key


def hours(given: str) -> tuple[int, int]:
    match = re.fullmatch(r"([01]?\d|2[0-3])-([01]?\d|2[0-3])", given, re.ASCII)
    if not match or match[1] == match[2]:
        raise ValueError("must be two hours of the day such as 23-8")
    return int(match[1]), int(match[2])


def timezone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (OSError, ValueError, LookupError):
        raise ValueError("must be a time zone such as Europe/Berlin") from None
    return given


def cron(given: str) -> str:
    if not re.fullmatch(r"[\d*/,-]+( [\d*/,-]+){4}", given) or not croniter.is_valid(given):
        raise ValueError("must be five cron fields such as 30 3 * * *")
    return given


def _port_is_wrong(given: str) -> bool:
    try:
        return urlsplit(given).port == 0
    except ValueError:
        return True
