"""What an operator saw when they decided: carried by the page, compared with what is so when they act.

A page names the fields that stand for an object's state (`watched`), or a Sight of what is kept elsewhere. Their values travel with the form, signed;
if one has moved meanwhile, nothing is done and the operator is told what changed, and by whom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from nproxy.audit import queries as audit
from nproxy.staff.acts import Words

SALT = "nproxy.staff.seen"
NOTHING = "–"


@dataclass(frozen=True)
class Sight:
    """What operators go by and is no field of the object: `of` puts it in words, the same for the same state."""

    name: str
    label: Words
    of: Callable[[Any], str]


Watched = Sequence[str | Sight]


class Changed(Exception):
    """The object is not as the operator saw it; `what` says in words what is different."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def stamp(targets: Sequence[Any], watched: Watched, now: datetime) -> str:
    """What the watched fields of these objects say now, for a form to carry along."""
    rows = {str(target.pk): _values(target, watched) for target in targets}
    return signing.dumps({"at": now.isoformat(), "rows": rows}, salt=SALT, compress=True)


def require_unchanged(target: Any, watched: Watched, audited_as: str, seen: str) -> None:
    """Raises Changed unless the object's watched fields are as in `seen` (of `stamp`); so does a forged stamp."""
    try:
        stamped = signing.loads(seen, salt=SALT)
        before = stamped["rows"][str(target.pk)]
    except (signing.BadSignature, KeyError):
        raise Changed(_("This page is too old.")) from None
    after = _values(target, watched)
    labels = {_name(each): _label(target, each) for each in watched}
    moved = [name for name in after if before.get(name) != after[name]]
    if moved:
        lines = [f"{labels[name]}: {before.get(name, NOTHING)} → {after[name]}" for name in moved]
        raise Changed(", ".join(lines) + _by_whom(target, audited_as, parse_datetime(stamped["at"])))


def _values(target: Any, watched: Watched) -> dict[str, str]:
    return {_name(each): _read(target, each) for each in watched}


def _name(watched: str | Sight) -> str:
    return watched if isinstance(watched, str) else watched.name


def _read(target: Any, watched: str | Sight) -> str:
    return _value(getattr(target, watched) if isinstance(watched, str) else watched.of(target))


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return NOTHING if value in {None, ""} else str(value)


def _label(target: Any, watched: str | Sight) -> str:
    if isinstance(watched, Sight):
        return str(watched.label)
    return str(target._meta.get_field(watched).verbose_name).capitalize()


def _by_whom(target: Any, audited_as: str, since: datetime | None) -> str:
    """Whose entry in the audit log stands for the change, where somebody made it."""
    entries = audit.entries(target=(audited_as, target.pk), limit=1) if audited_as and since else []
    if not entries or since is None or entries[0].at < since:
        return ""
    return " " + _("(%(action)s by %(who)s)") % {"action": entries[0].action, "who": entries[0].actor_name}
