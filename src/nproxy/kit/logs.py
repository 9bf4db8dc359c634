"""Logging of every process: one line per event, for people or as JSON, never with a secret in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from nproxy.kit import redaction


@contextmanager
def within(**ids: object) -> Iterator[None]:
    """Name what this is about (`request`, `generation`, `job`) on every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(**{name: str(value) for name, value in ids.items()}):
        yield


def ids() -> dict[str, str]:
    """What `within` has named here."""
    return dict(structlog.contextvars.get_contextvars())


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
    return {name: cleaned(value) for name, value in event.items()}


def cleaned(value: object) -> object:
    """`value` as plain data, with whatever looks like a credential, or is one of ours, replaced."""
    if isinstance(value, str):
        return redaction.without_secrets(value)
    if isinstance(value, Mapping):
        return {name: cleaned(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return redaction.without_secrets(str(value))
