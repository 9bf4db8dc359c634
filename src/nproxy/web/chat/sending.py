"""From a posted form to an accepted turn.

BadForm   the form cannot be read as a wish: words by field
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from nproxy.assets import actions as assets
from nproxy.conversations import queries as conversations
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.web import words

# Files of one message together (contract.md §3); bigger sets go through POST /uploads/ one by one.
MAX_TOGETHER = 20 * 1024 * 1024


class BadForm(Exception):
    """`errors` has words by field, as the answer carries them."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Message:
    """What a form asks for; its files are stored already."""

    client_id: UUID
    wish: Wish
    source_ids: Sequence[UUID]


def read(request: HttpRequest, user_id: int, now: datetime) -> Message:
    """The form in `request`. Stores its files, so not for use in a transaction. Raises BadForm."""
    form = request.POST
    client_id = _uuid(form.get("client_id", ""), "client_id")
    files = [file for file in request.FILES.getlist("sources") if file.size]
    ids = [
        _uuid(value, "sources") for value in form.getlist("source_images") + form.getlist("uploads") if value
    ]
    mode = form.get("mode") or ("image_to_image" if files or ids else "text_to_image")
    wish = Wish(
        prompt=form.get("prompt", "").strip(),
        mode=mode,
        resolution=form.get("resolution") or "1K",
        aspect_ratio=form.get("aspect_ratio") or "auto",
        strength="" if mode == "text_to_image" else form.get("strength") or "balanced",
        batch_size=_count(form.get("batch_size") or "1"),
    )
    return Message(client_id, wish, _sources(user_id, client_id, ids, files, now))


def send(message: Message, *, user_id: int, conversation_id: UUID, now: datetime) -> generations.Started:
    """Accept the message as a turn of the conversation. Raises the refusals of `generations.start`."""
    return generations.start(
        user_id=user_id,
        conversation_id=conversation_id,
        client_id=message.client_id,
        wish=message.wish,
        source_ids=message.source_ids,
        now=now,
    )


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
    if sent := conversations.sent(user_id, client_id):
        known = conversations.task(sent.id).source_ids
        if len(known) == len(ids) + len(files):
            return known
    return ids + [_accepted(user_id, file, now) for file in files]


def _accepted(user_id: int, file: UploadedFile[bytes], now: datetime) -> UUID:
    try:
        return assets.accept_upload(user_id=user_id, data=file.read(), now=now).id
    except assets.BadUpload as flaw:
        named = _("%(name)s: %(flaw)s") % {"name": file.name, "flaw": flaw}
        raise BadForm({"sources": [named]}) from None


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadForm({field: [words.problem(field, "unknown")]}) from None


def _count(text: str) -> int:
    """The batch size; anything but digits is 0, which is none of the choices."""
    return int(text) if text.isdecimal() and len(text) < 3 else 0
