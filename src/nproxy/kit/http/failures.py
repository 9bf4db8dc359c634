"""How an exchange over HTTP can fail before it has an answer. Pure: rules may know these names."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Which phase failed."""

    CONNECT = "no connection"
    PROXY_REFUSED = "the proxy refused"
    TLS = "TLS failed"
    CONNECT_TIMEOUT = "connecting took too long"
    ADMISSION_TIMEOUT = "the proxy did not let us through in time"
    TLS_TIMEOUT = "TLS took too long"
    WRITE_TIMEOUT = "sending took too long"
    READ_TIMEOUT = "no answer in time"
    RESET = "connection closed without an answer"
    CUT = "answer cut short"
    TOO_LARGE = "answer too large"
    MALFORMED = "answer not understood"

    @property
    def is_transport(self) -> bool:
        """Whether the road failed: refused, hanging before the request was through, TLS, or broken at any
        point. What the other side did not answer, or answered wrongly, is its own."""
        return self in _TRANSPORT


_TRANSPORT = frozenset(
    {
        FailureKind.CONNECT,
        FailureKind.PROXY_REFUSED,
        FailureKind.TLS,
        FailureKind.CONNECT_TIMEOUT,
        FailureKind.ADMISSION_TIMEOUT,
        FailureKind.TLS_TIMEOUT,
        FailureKind.WRITE_TIMEOUT,
        FailureKind.RESET,
        FailureKind.CUT,
    }
)


class ExchangeFailed(Exception):
    """No whole answer. `detail` is not redacted.

    `sent`: the request had left by then, so the other side may have acted on it (and billed it).
    `via_proxy`: the road led through a proxy; when it `is_on_the_proxy` another road may do.
    """

    def __init__(
        self, kind: FailureKind, detail: str = "", *, sent: bool = False, via_proxy: bool = False
    ) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.detail = detail
        self.sent = sent
        self.via_proxy = via_proxy

    @property
    def is_on_the_proxy(self) -> bool:
        """Whether the proxy's path failed, not what lies behind it: the same request may do without it."""
        return self.via_proxy and self.kind.is_transport
