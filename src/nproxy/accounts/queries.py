"""Who people are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from nproxy.accounts.models import SignIn, User
from nproxy.accounts.rules import Device, device, normal_email


@dataclass(frozen=True, slots=True)
class Person:
    """`role` is empty, `owner`, `operator` or `viewer`; `verified` says the address was confirmed."""

    id: int
    email: str
    role: str
    is_active: bool
    verified: bool
    created_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignInView:
    """A browser in which someone is signed in."""

    id: UUID
    device: Device
    address: str
    began_at: datetime
    seen_at: datetime


def find(email: str) -> Person | None:
    """The person with this address, however it is capitalised."""
    return _first(User.objects.filter(email=normal_email(email)))


def person(user_id: int) -> Person | None:
    """The person with this id."""
    return _first(User.objects.filter(pk=user_id))


def emails(user_ids: Collection[int]) -> dict[int, str]:
    """The addresses of these people, by their ids."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "email"))


def language_of(user_id: int) -> str:
    """The language in which this person is spoken to; "" when they never said."""
    return User.objects.filter(pk=user_id).values_list("language", flat=True).first() or ""


def sign_ins(user_id: int, now: datetime) -> list[SignInView]:
    """Where the person is signed in, the last seen first."""
    alive = Exists(Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now))
    rows = SignIn.objects.filter(alive, user_id=user_id).order_by("-seen_at")
    return [
        SignInView(row.id, device(row.user_agent), row.address, row.began_at, row.seen_at) for row in rows
    ]


def has_owner() -> bool:
    """Whether somebody may do everything."""
    return User.objects.filter(role="owner", is_active=True).exists()


def first_came_at() -> datetime | None:
    """When the first account was opened."""
    return User.objects.order_by("created_at").values_list("created_at", flat=True).first()


def people(*, limit: int = 50, search: str = "") -> list[Person]:
    """The newest `limit` people whose address contains `search`."""
    found = User.objects.filter(email__contains=normal_email(search)).order_by("-created_at", "-pk")
    return _people(found[:limit])


def joined(since: datetime, until: datetime) -> int:
    """How many accounts were opened from `since` on, before `until`."""
    return User.objects.filter(created_at__gte=since, created_at__lt=until).count()


def _first(users: QuerySet[User]) -> Person | None:
    return next(iter(_people(users[:1])), None)


def _people(users: QuerySet[User]) -> list[Person]:
    confirmed = EmailAddress.objects.filter(user_id=OuterRef("pk"), email=OuterRef("email"), verified=True)
    rows = users.annotate(verified=Exists(confirmed)).values_list(
        "id", "email", "role", "is_active", "verified", "created_at", "deleted_at"
    )
    return [Person(*row) for row in rows]
