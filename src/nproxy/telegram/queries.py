"""Who is on the list, who waits before it, and what the bot still has to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min

from nproxy.telegram import requests
from nproxy.telegram.models import Admin, Bot, Message, Pairing
from nproxy.telegram.rules.codes import code_for
from nproxy.telegram.rules.menu import Keyboard


@dataclass(frozen=True, slots=True)
class AdminView:
    """Somebody on the list. `blocked_at`: since when Telegram brings them nothing."""

    id: int
    telegram_id: int
    name: str
    username: str
    role: str
    paired_at: datetime
    blocked_at: datetime | None

    @property
    def may_act(self) -> bool:
        """Viewers look; operators act."""
        return self.role == "operator"


@dataclass(frozen=True, slots=True)
class PairingView:
    """Somebody who waits to be let in."""

    telegram_id: int
    name: str
    username: str
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that the bot has to send, or to change where `number` is known, into its `revision`."""

    id: int
    chat_id: int
    number: int | None
    revision: int
    text: str
    keyboard: Keyboard


@dataclass(frozen=True, slots=True)
class Outbox:
    """What has not gone out: how many messages wait, since when, why the last one did not, how many never will."""

    waiting: int
    oldest: datetime | None
    last_error: str
    given_up: int


@dataclass(frozen=True, slots=True)
class BotView:
    username: str
    seen_at: datetime


def admins() -> list[AdminView]:
    """Everybody on the list, in the order in which they came."""
    rows = Admin.objects.filter(revoked_at=None).order_by("pk")
    return [
        AdminView(one.pk, one.telegram_id, one.name, one.username, one.role, one.paired_at, one.blocked_at)
        for one in rows
    ]


def admin(telegram_id: int) -> AdminView | None:
    """The admin with this Telegram account, if it is one's."""
    return next((one for one in admins() if one.telegram_id == telegram_id), None)


def waiting(now: datetime) -> list[PairingView]:
    """Who has a code that is still good. The code itself is theirs alone."""
    rows = Pairing.objects.filter(state=Pairing.State.PENDING, expires_at__gt=now).order_by("requested_at")
    return [_pairing(one) for one in rows]


def pairing(code: str, now: datetime) -> PairingView:
    """Who was told this code. Raises actions' UnknownCode, CodeExpired, CodeUsed."""
    return _pairing(requests.find(code, now))


def _pairing(one: Pairing) -> PairingView:
    return PairingView(one.telegram_id, one.name, one.username, one.requested_at, one.expires_at)


def due(now: datetime, limit: int = 100) -> list[Outgoing]:
    """What is to be sent now, in the order in which it was written."""
    unsent = Message.objects.filter(given_up_at=None, sent_revision__lt=F("revision"), due_at__lte=now)
    return [
        Outgoing(
            id=one.pk,
            chat_id=one.chat_id,
            number=one.number,
            revision=one.revision,
            text=one.text.replace("{code}", code_for(one.pairing_id, requests.secret()))
            if one.pairing_id
            else one.text,
            keyboard=one.keyboard,
        )
        for one in unsent.order_by("pk")[:limit]
    ]


def is_written(key: str) -> bool:
    """Whether a message for this occasion was owed before."""
    return Message.objects.filter(key=key).exists()


def outbox() -> Outbox:
    """How far the bot is behind."""
    unsent = Message.objects.filter(given_up_at=None, sent_revision__lt=F("revision"))
    last = unsent.exclude(last_error="").order_by("-pk").values_list("last_error", flat=True).first()
    return Outbox(
        waiting=unsent.count(),
        oldest=unsent.aggregate(oldest=Min("created_at"))["oldest"],
        last_error=last or "",
        given_up=Message.objects.filter(given_up_at__isnull=False).count(),
    )


def bot() -> BotView | None:
    """The bot that our process spoke for last, None before it ever did."""
    row = Bot.objects.order_by("-seen_at").first()
    return BotView(row.username, row.seen_at) if row else None
