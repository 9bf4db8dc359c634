"""Sentry, for those who set NPROXY_SENTRY_DSN: errors are told to it, and nothing that is secret or a person's own.

The library is loaded only then.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any

from nproxy.kit import logs


def start(dsn: str, *, environment: str) -> None:
    """Tell errors to the server in `dsn` from now on; does nothing for an empty one."""
    if not dsn:
        return
    import sentry_sdk  # a second of start-up that most installations do not need

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=f"nproxy@{version('nproxy')}",
        send_default_pii=False,
        # What Django, the queue and the rooms have to say, they log.
        auto_enabling_integrations=False,
        # Local variables hold what people typed; bodies are prompts and passwords.
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrubbed,
        before_breadcrumb=scrubbed,
    )


def scrubbed(event: Any, hint: dict[str, Any]) -> Any:
    """The event (or breadcrumb) with the ids of what it is about, and without anything that looks like a credential."""
    record = hint.get("log_record")
    if record is not None and isinstance(record.msg, dict):
        event = _of_structlog(event, record.msg)
    if "event_id" in event:
        event["tags"] = {**(event.get("tags") or {}), **logs.ids()}
    return logs.cleaned(event)


def _of_structlog(event: Any, said: dict[str, Any]) -> Any:
    """structlog hands the standard library a dict; and the exception in it, rather than beside it."""
    import sentry_sdk
    from sentry_sdk.utils import event_from_exception

    failure = sys.exc_info()
    if said.get("exc_info") and failure[0] and "exception" not in event:
        described, _hint = event_from_exception(failure, client_options=sentry_sdk.get_client().options)
        event = {**event, "exception": described["exception"]}
    return {**event, "logentry": {"message": str(said.get("event", ""))}}
