"""Mails as files, for development: what would have been sent, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from nproxy.kit.folders import make_private


class Backend(BaseEmailBackend):
    """Writes each message to `EMAIL_FILE_PATH` as `<its date>-<its id>.eml`, whole or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]  # unset where mails go by SMTP
        make_private(folder)
        for letter in email_messages:
            message = letter.message()
            target = folder / _name(message)
            unfinished = target.with_suffix(".part")
            unfinished.touch(mode=0o600)  # its links sign people in: for this account alone
            unfinished.write_bytes(message.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # Django's
            unfinished.replace(target)
        return len(email_messages)


def _name(message: Message) -> str:
    date = parsedate_to_datetime(message["Date"])
    identity = message["Message-ID"].strip("<>").partition("@")[0]
    return f"{date:%Y%m%dT%H%M%S}-{identity}.eml"
