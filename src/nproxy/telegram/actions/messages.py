"""What the bot owes: a message is written here, and its life noted; the bot process alone sends."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from nproxy.kit.redaction import redact, without_secrets
from nproxy.kit.retention import forget
from nproxy.notifications import actions as notifications
from nproxy.telegram.models import Bot, Message, Question, TakenUpdate
from nproxy.telegram.rules.menu import Keyboard
from nproxy.telegram.rules.pace import wait_after

ERROR_LENGTH = 255
MESSAGES_KEPT = timedelta(days=30)
# Telegram itself gives an update away after a day.
UPDATES_KEPT = timedelta(days=7)


def take(*, bot_id: int, update_id: int, now: datetime) -> bool:
    """Whether this update is ours to handle, in the caller's transaction. False for one that was handled before."""
    _, is_new = TakenUpdate.objects.get_or_create(
        bot_id=bot_id, update_id=update_id, defaults={"taken_at": now}
    )
    return is_new


def write(
    *,
    chat_id: int,
    text: str,
    now: datetime,
    purpose: str = Message.Purpose.SCREEN,
    keyboard: Keyboard | None = None,
    key: str = "",
    incident_id: int | None = None,
    pairing_id: UUID | None = None,
) -> bool:
    """Owe a chat a message. False when one with this `key` was owed before.

    Whatever looks like a credential, or is one of ours, is hidden, wherever it came from. `{code}` in `text` becomes the code of the
    pairing when the message goes out.
    """
    fields = {
        "chat_id": chat_id,
        "purpose": purpose,
        "text": without_secrets(text),
        "keyboard": keyboard or [],
        "incident_id": incident_id,
        "pairing_id": pairing_id,
        "created_at": now,
        "due_at": now,
    }
    if not key:
        Message.objects.create(**fields)
        return True
    _, is_new = Message.objects.get_or_create(key=key, defaults=fields)
    return is_new


def show(*, chat_id: int, number: int, text: str, keyboard: Keyboard, now: datetime) -> None:
    """Let the screen with this number say something else, in its place; a new message where that is no screen."""
    screen = Message.objects.filter(
        chat_id=chat_id, number=number, purpose=Message.Purpose.SCREEN, given_up_at=None
    )
    if not change(screen, text=text, keyboard=keyboard, now=now):
        write(chat_id=chat_id, text=text, keyboard=keyboard, now=now)


def change(messages: QuerySet[Message], *, text: str, keyboard: Keyboard, now: datetime) -> int:
    """Let these messages say something else; how many there were."""
    return messages.update(
        text=without_secrets(text), keyboard=keyboard, revision=F("revision") + 1, due_at=now
    )


@transaction.atomic
def note_sent(*, message_id: int, revision: int, number: int, now: datetime) -> None:
    """Telegram has taken this revision of the message. What it tells of has been heard."""
    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    Message.objects.filter(pk=message_id).update(
        number=number,
        sent_revision=max(message.sent_revision, revision),
        sent_at=now,
        tries=0,
        last_error="",
    )
    if message.incident_id is not None:
        notifications.note_heard(incident_id=message.incident_id, now=now)


def note_failed(*, message_id: int, error: str, now: datetime) -> None:
    """It could not be sent now: tried again after a wait that grows."""
    tries = Message.objects.values_list("tries", flat=True).get(pk=message_id) + 1
    Message.objects.filter(pk=message_id).update(
        tries=tries, last_error=redact(error, limit=ERROR_LENGTH), due_at=now + wait_after(tries)
    )


def note_gone(*, message_id: int, now: datetime) -> None:
    """What was to be changed is not in the chat any more: it is sent anew."""
    Message.objects.filter(pk=message_id).update(number=None, due_at=now)


def give_up(*, message_id: int, error: str, now: datetime) -> None:
    """Telegram will never take this one. Its row stays, with the reason."""
    still = Message.objects.filter(pk=message_id, given_up_at=None)
    still.update(given_up_at=now, last_error=redact(error, limit=ERROR_LENGTH))


def note_bot(*, bot_id: int, username: str, now: datetime) -> None:
    """Telegram has answered our process, as this bot."""
    Bot.objects.update_or_create(bot_id=bot_id, defaults={"username": username, "seen_at": now})


def forget_old(*, now: datetime) -> int:
    """Delete what nobody will ask for again: messages of 30 days ago, updates and questions of 7; how many messages."""
    forget(TakenUpdate.objects.filter(taken_at__lt=now - UPDATES_KEPT))
    forget(Question.objects.filter(asked_at__lt=now - UPDATES_KEPT))
    return forget(Message.objects.filter(created_at__lt=now - MESSAGES_KEPT))
