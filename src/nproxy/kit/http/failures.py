"""How an exchange over HTTP can fail before it has an answer. Pure: rules may know these names."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Which phase failed."""

    CONNECT = "no connection"
    TLS = "TLS failed"
    CONNECT_TIMEOUT = "connecting took too long"
    READ_TIMEOUT = "no answer in time"
    RESET = "connection closed without an answer"
    CUT = "answer cut short"
    TOO_LARGE = "answer too large"
    MALFORMED = "answer not understood"


class ExchangeFailed(Exception):
    """No whole answer. `detail` is not redacted.

    `sent`: the request had left by then, so the other side may have acted on it (and billed it).
    """

    def __init__(self, kind: FailureKind, detail: str = "", *, sent: bool = False) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.detail = detail
        self.sent = sent
