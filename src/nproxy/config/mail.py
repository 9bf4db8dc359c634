"""Where mail goes, as Django says it. Imported by `settings`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20
PORTS = {"none": 25, "starttls": 587, "implicit": 465}


def mail(url: str, *, sender: str, data_dir: Path) -> dict[str, object]:
    """Django's EMAIL_… settings for `url`: `file:` (messages under the data directory) or `smtp://…?tls=…`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "nproxy.notifications.adapters.files.Backend",
            "EMAIL_FILE_PATH": str(data_dir / (parts.path or "mail")),
            "DEFAULT_FROM_EMAIL": sender,
        }
    tls = parse_qs(parts.query).get("tls", ["starttls"])[0]
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or PORTS[tls],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
        "DEFAULT_FROM_EMAIL": sender,
    }
