"""The mail server, through whichever Django backend the settings name.

Refused       this message will never be accepted
NotDelivered  it may be accepted later
"""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMessage, get_connection

from nproxy.notifications import rules


class Refused(Exception):
    """The mail server said no to this message or its recipient, for good."""


class NotDelivered(Exception):
    """The mail server is away, busy or not ours to use (yet)."""


def hand_over(letter: EmailMessage) -> None:
    """Give one message with one recipient to the mail server. Raises Refused, NotDelivered.

    A refused sender or login is NotDelivered: that is our configuration, not the message.
    """
    letter.connection = connection = get_connection()
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise _verdict(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()  # Django leaves it open when the login is refused


def _verdict(code: int, words: bytes | str) -> Refused | NotDelivered:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    kind = Refused if rules.is_final(code) else NotDelivered
    return kind(f"{code} {text}")
