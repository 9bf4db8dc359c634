"""A proxy's address: read from one URL, shown without its credentials. Pure: rules may know it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

# Scheme → the port that it means without one.
PORTS = {"http": 80, "https": 443, "socks5": 1080}
ACCEPTED = "http://, https:// or socks5://, as in socks5://user:password@proxy.example.com:1080"
LONGEST_URL = 1000
# RFC 1929: SOCKS5 has one byte for the length of each.
LONGEST_CREDENTIAL = 255
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
_ADDRESS_V6 = re.compile(r"[0-9a-f:.]{2,45}")


class BadProxyAddress(Exception):
    """A malformed proxy URL; the message says what is accepted, never what was given."""


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Where a proxy is and who we are to it. Names are always resolved by the proxy, never here."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """The address without its credentials: what logs and tables may hold."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, credentials included: to be sealed, never shown."""
        if not self.user and not self.password:
            return self.shown
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return self.shown.replace("://", f"://{credentials}@", 1)


def parse(url: str) -> ProxyAddress:
    """The address in `url`, its credentials percent-decoded. Raises `BadProxyAddress`."""
    parts = _split(url.strip())
    if parts.scheme not in PORTS:
        raise BadProxyAddress(f"a proxy's address begins with {ACCEPTED}")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadProxyAddress("a proxy's address ends with its port: no path, no ? and no # after it")
    address = ProxyAddress(
        parts.scheme,
        _host(parts),
        _port(parts),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
    _check_credentials(address)
    return address


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadProxyAddress(
            f"a proxy's address has at most {LONGEST_URL} ASCII characters and no blanks; write others as %XX"
        )
    try:
        return urlsplit(url)
    except ValueError:
        raise BadProxyAddress(f"this is no address: {ACCEPTED}") from None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not (_ADDRESS_V6 if ":" in host else _NAME).fullmatch(host):
        raise BadProxyAddress(f"the address has no valid host: {ACCEPTED}")
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise BadProxyAddress("a port is a number from 1 to 65535")
    return port or PORTS[parts.scheme]


def _check_credentials(address: ProxyAddress) -> None:
    for each in (address.user, address.password):
        if len(each.encode()) > LONGEST_CREDENTIAL or not (each.isprintable() or not each):
            raise BadProxyAddress(
                f"user and password have at most {LONGEST_CREDENTIAL} bytes each and no control characters"
            )
    if address.scheme == "socks5" and not (address.user + address.password).isascii():
        raise BadProxyAddress("SOCKS5 takes only ASCII characters in user and password")
    if ":" in address.user:
        raise BadProxyAddress("a user's name has no colon")
    if address.password and not address.user:
        raise BadProxyAddress("a password needs a user before it: user:password@")
