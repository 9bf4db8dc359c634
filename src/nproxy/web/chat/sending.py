"""From a posted form to an accepted turn.

BadForm   the form cannot be read as a wish: words by field
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from nproxy.assets import actions as assets
from nproxy.conversations import actions as conversations
from nproxy.conversations import queries as turns
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.web import words

# Files of one message together; bigger sets go through POST /uploads/ one by one.
MAX_TOGETHER = 20 * 1024 * 1024


class BadForm(Exception):
    """`errors` has words by field, as the answer carries them."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Message:
    """What a form asks for; its files are stored already, as the last `files` of its sources."""

    client_id: UUID
    wish: Wish
    source_ids: Sequence[UUID]
    files: int


def read(request: HttpRequest, user_id: int, now: datetime) -> Message:
    """The form in `request`. Stores its files, so not for use in a transaction. Raises BadForm."""
    form = request.POST
    client_id = _uuid(form.get("client_id", ""), "client_id")
    files = [file for file in request.FILES.getlist("sources") if file.size]
    ids = [
        _uuid(value, "sources") for value in form.getlist("source_images") + form.getlist("uploads") if value
    ]
    mode = _text(form, "mode") or ("image_to_image" if files or ids else "text_to_image")
    wish = Wish(
        prompt=_text(form, "prompt").strip(),
        mode=mode,
        resolution=_text(form, "resolution") or "1K",
        aspect_ratio=_text(form, "aspect_ratio") or "auto",
        strength="" if mode == "text_to_image" else _text(form, "strength") or "balanced",
        batch_size=_count(form.get("batch_size") or "1"),
    )
    return Message(client_id, wish, _sources(user_id, client_id, ids, files, now), len(files))


def send(message: Message, *, user_id: int, conversation_id: UUID, now: datetime) -> generations.Started:
    """Accept the message as a turn of the conversation. Raises the refusals of `generations.start`."""

    def start(source_ids: Sequence[UUID]) -> generations.Started:
        return generations.start(
            user_id=user_id,
            conversation_id=conversation_id,
            client_id=message.client_id,
            wish=message.wish,
            source_ids=source_ids,
            now=now,
        )

    try:
        return start(message.source_ids)
    except generations.ClientIdReused:
        # Perhaps by a twin that was quicker: its files are the same, but were stored as pictures of its own.
        known = _known_sources(user_id, message.client_id, len(message.source_ids)) if message.files else None
        if known is None:
            raise
    return start(known)


def send_first(message: Message, *, user_id: int, now: datetime) -> tuple[UUID, generations.Started]:
    """Accept the message as the first turn of a new conversation: (conversation, turn).

    A repeated message is the turn it was, where it was. Raises the refusals of `generations.start`.
    """
    try:
        with transaction.atomic():
            conversation_id = conversations.open_conversation(user_id=user_id, now=now)
            return conversation_id, send(message, user_id=user_id, conversation_id=conversation_id, now=now)
    except generations.ClientIdReused:
        # Sent before, perhaps a moment ago by a quicker twin; what was opened for this one is gone with it.
        sent = turns.sent(user_id, message.client_id)
        if sent is None:
            raise
    return sent.conversation_id, send(message, user_id=user_id, conversation_id=sent.conversation_id, now=now)


def send_again(
    form: QueryDict, *, user_id: int, turn_id: UUID, now: datetime
) -> tuple[UUID, generations.Started]:
    """The wish of that turn as a new turn behind all others: (conversation, turn).

    Raises BadForm and the refusals of `generations.start`.
    """
    before = turns.turn(user_id, turn_id)
    if before is None:
        raise generations.UnknownTurn(turn_id)
    task = turns.task(turn_id)
    count = _text(form, "batch_size")
    client_id = _text(form, "client_id")
    started = generations.start(
        user_id=user_id,
        conversation_id=before.conversation_id,
        client_id=_uuid(client_id, "client_id") if client_id else uuid4(),
        wish=replace(task.wish, batch_size=_count(count)) if count else task.wish,
        source_ids=task.source_ids,
        now=now,
    )
    return before.conversation_id, started


def _sources(
    user_id: int, client_id: UUID, ids: list[UUID], files: Sequence[UploadedFile[bytes]], now: datetime
) -> Sequence[UUID]:
    """Ids for everything attached: own images first, then the files, stored as uploads.

    A repeated message brings its files again: they were stored the first time, so its turn's are taken.
    """
    if not files:
        return ids
    if sum(file.size or 0 for file in files) > MAX_TOGETHER:
        raise BadForm({"sources": [words.problem("sources", "too_large")]})
    known = _known_sources(user_id, client_id, len(ids) + len(files))
    return known or ids + [_accepted(user_id, file, now) for file in files]


def _known_sources(user_id: int, client_id: UUID, count: int) -> Sequence[UUID] | None:
    """The sources of the turn that this client_id made already, if there are as many."""
    sent = turns.sent(user_id, client_id)
    known = turns.task(sent.id).source_ids if sent else ()
    return known if len(known) == count else None


def _accepted(user_id: int, file: UploadedFile[bytes], now: datetime) -> UUID:
    try:
        return assets.accept_upload(
            user_id=user_id,
            data=file.read(),
            name=file.name or "",
            media_type=file.content_type or "",
            now=now,
        ).id
    except assets.BadUpload as flaw:
        named = _("%(name)s: %(flaw)s") % {"name": file.name, "flaw": flaw}
        raise BadForm({"sources": [named]}) from None


def _text(form: QueryDict, field: str) -> str:
    """The field without NUL bytes, which PostgreSQL's text cannot hold and nobody types."""
    return form.get(field, "").replace("\0", "")


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadForm({field: [words.problem(field, "unknown")]}) from None


def _count(text: str) -> int:
    """The batch size; anything but digits is 0, which is none of the choices."""
    return int(text) if text.isdecimal() and len(text) < 3 else 0
