"""Logging of every process: one line per event, for people or as JSON, never with a secret in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
SECRETS = re.compile(
    r"""
      \bAIza[\w-]{8,}                        # Google's keys, the old form
    | \bAQ\.[\w.~-]{4,}                      # and the new one
    | \bsk-or-[\w-]{8,}                      # OpenRouter's
    | \b\d{6,}:[\w-]{30,}                    # Telegram's
    | (?<=\bbearer\ )[^\s"',;]+
    | (?<=[?&]key=)[^&\s"']+
    | (?<=://)[^/\s"'@]+(?=@)                # user:password@host
    """,
    re.VERBOSE | re.IGNORECASE,
)


def configured(form: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: both write the same lines to stderr. `form`: console or json."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(form)],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        # Django's own handlers would say everything twice, or mail it.
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "procrastinate": {"level": "WARNING"},
            "aiohttp.access": {"level": "WARNING"},
        },
    }


def _last(form: str) -> list[Processor]:
    if form == "json":
        # Without local variables: they hold whatever a person typed.
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        traced = structlog.processors.ExceptionRenderer(tracebacks)
        return [traced, without_secrets, structlog.processors.JSONRenderer(default=str)]
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, without_secrets, console]


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace whatever looks like a credential, at any depth of the event."""
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return SECRETS.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {name: _clean(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return SECRETS.sub(HIDDEN, str(value))
