"""An exchange that has no whole answer → a verdict, whoever the provider is."""

from __future__ import annotations

from nproxy.kit.http.failures import ExchangeFailed
from nproxy.kit.redaction import redact
from nproxy.providers.rules.verdict import Classified, Verdict


def classify_failure(failure: ExchangeFailed, *, secret: str) -> Classified:
    """What failed on a proxy's path is the proxy's; all else may fare better with another key.

    A read timeout is never the proxy's: the request was through, and may have been billed.
    """
    when = "after" if failure.sent else "before"  # only then the provider may have drawn, and billed
    detail = redact(f"{failure.kind} ({when} sending): {failure.detail}", secret=secret)
    verdict = Verdict.PROXY_FAILED if failure.is_on_the_proxy else Verdict.RETRYABLE
    return Classified(verdict, detail=detail)
