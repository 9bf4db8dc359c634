"""What an operator saw when they decided: carried by the page, compared with what is so when they act.

A page names the fields that stand for an object's state (`watched`). Their values travel with the form, signed;
if one has moved meanwhile, nothing is done and the operator is told what changed, and by whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core import signing
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from nproxy.audit import queries as audit

SALT = "nproxy.staff.seen"
NOTHING = "–"


class Changed(Exception):
    """The object is not as the operator saw it; `what` says in words what is different."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def stamp(targets: Sequence[Any], watched: Sequence[str], now: datetime) -> str:
    """What the watched fields of these objects say now, for a form to carry along."""
    rows = {str(target.pk): _values(target, watched) for target in targets}
    return signing.dumps({"at": now.isoformat(), "rows": rows}, salt=SALT, compress=True)


def require_unchanged(target: Any, watched: Sequence[str], audited_as: str, seen: str) -> None:
    """Raises Changed unless the object's watched fields are as in `seen` (of `stamp`); so does a forged stamp."""
    try:
        stamped = signing.loads(seen, salt=SALT)
        before = stamped["rows"][str(target.pk)]
    except (signing.BadSignature, KeyError):
        raise Changed(_("This page is too old.")) from None
    after = _values(target, watched)
    moved = [name for name in watched if before.get(name) != after[name]]
    if moved:
        lines = [f"{_label(target, name)}: {before.get(name, NOTHING)} → {after[name]}" for name in moved]
        raise Changed(", ".join(lines) + _by_whom(target, audited_as, parse_datetime(stamped["at"])))


def _values(target: Any, watched: Sequence[str]) -> dict[str, str]:
    return {name: _value(getattr(target, name)) for name in watched}


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return NOTHING if value in {None, ""} else str(value)


def _label(target: Any, name: str) -> str:
    return str(target._meta.get_field(name).verbose_name).capitalize()


def _by_whom(target: Any, audited_as: str, since: datetime | None) -> str:
    """Whose entry in the audit log stands for the change, where somebody made it."""
    entries = audit.entries(target=(audited_as, target.pk), limit=1) if audited_as and since else []
    if not entries or since is None or entries[0].at < since:
        return ""
    return " " + _("(%(action)s by %(who)s)") % {"action": entries[0].action, "who": entries[0].actor_name}
