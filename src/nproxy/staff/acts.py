"""What an operator may do on a page: declared once, beside the page; carried out by `acting.py`.

An act calls one verb of a room. It never writes a table itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor

LONGEST_REASON = 500

Words = str | Promise


class Trouble(str):
    """Words for what was done and found trouble, such as a test that failed: shown as such."""

    __slots__ = ()


@dataclass(frozen=True)
class Refused:
    """Nothing was done; why, in words."""

    because: str


class Takes(Enum):
    """What an act is done to."""

    ONE = "one"  # the object of the page
    MANY = "many"  # that, or the rows picked in the list
    NOTHING = "nothing"  # the list as a whole: "add a key"


class ActForm(forms.Form):
    """The questions of an act; `targets` are the objects it would be done to, so that they may shape it."""

    def __init__(self, *args: Any, targets: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets


class ReasonForm(ActForm):
    """For whatever changes money or access: why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        help_text=_("Kept in the audit log."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class Perform(Protocol):
    """Call the room's verb for `target` (None where the act takes nothing) with the form's cleaned `data`.

    Answers in words what is so now. Raises what `Act.refusals` names.
    """

    def __call__(self, target: Any, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words: ...


class Ask(Protocol):
    """The same for a verb that asks somebody outside, and changes nothing by it that an operator decides upon."""

    async def __call__(self, target: Any, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words: ...


def always(target: Any, now: datetime) -> bool:
    """For acts that are possible in every state."""
    return True


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act. `name` is part of its address and of its refusals in the audit log.

    `question` stands above the form's fields. `offered` hides the button where the act would make no sense:
    that is a courtesy, the verb refuses by itself. `explain` adds words that depend on the objects.
    The object is locked and compared with what the operator saw in the verb's own transaction. `hold` locks
    something else instead, where the state that counts is kept elsewhere or the verb locks other rows first.
    `prepare` calls the network before that. What only asks is an `Ask`: it is compared just before, holds nothing,
    and goes out for several objects at once.
    """

    name: str
    label: Words
    question: Words
    needs: Right
    perform: Perform | Ask
    refusals: Mapping[type[Exception], Words] = field(default_factory=dict)
    form: type[ActForm] = ReasonForm
    takes: Takes = Takes.ONE
    offered: Callable[[Any, datetime], bool] = always
    explain: Callable[[Sequence[Any], datetime], Words] | None = None
    hold: Callable[[Any, dict[str, Any]], None] | None = None
    prepare: Callable[[Any, dict[str, Any], datetime], None] | None = None
    is_dangerous: bool = False
    icon: str = ""

    @property
    def asks(self) -> bool:
        return inspect.iscoroutinefunction(self.perform)

    @property
    def variant(self) -> ActionVariant:
        return ActionVariant.DANGER if self.is_dangerous else ActionVariant.DEFAULT
