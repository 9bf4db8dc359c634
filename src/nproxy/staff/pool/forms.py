"""What the acts on keys and proxies ask. Secrets go in and never come out again: no field shows what it was given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from nproxy.kit.money import MICRO
from nproxy.providers import queries
from nproxy.providers.rules import PROVIDERS
from nproxy.staff.acts import ActForm, ReasonForm
from nproxy.staff.pool.pasted import Unreadable, read_pasted

# Calls to providers while a person waits: for how many objects, and how long each of them may take.
TESTED_AT_ONCE = 20
DRAWN_AT_ONCE = 5
ASKING_SECONDS = 15.0
DRAWING_SECONDS = 60.0
NAMES = {"gemini": "Google Gemini", "openrouter": "OpenRouter"}


class Unechoed(UnfoldAdminTextareaWidget):
    """A text that is never written back into the page, also not when something else in the form is wrong."""

    def __init__(self, **attrs: Any) -> None:
        hidden = {"autocomplete": "off", "spellcheck": "false", "rows": 4}
        super().__init__(attrs={**hidden, **attrs})
        self.attrs["class"] = f"{self.attrs.get('class', '')} staff-secret"

    def format_value(self, value: object) -> str:
        return ""


def text(label: Any, *, required: bool = True, help_text: Any = "", longest: int = 64) -> forms.CharField:
    """One line."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget,
    )


def number(label: Any, help_text: Any = "") -> forms.IntegerField:
    """A whole number from 1 on, or nothing."""
    return forms.IntegerField(
        label=label, required=False, min_value=1, help_text=help_text, widget=UnfoldAdminIntegerFieldWidget
    )


def choice(label: Any, choices: Any, *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=required, widget=UnfoldAdminSelectWidget)


def _proxies() -> Iterable[tuple[str, str]]:
    found = [one.name for one in queries.proxies(timezone.now())]
    return [("", _("None: directly")), *((name, name) for name in found)]


class AddKeysForm(ActForm):
    provider = choice(gettext_lazy("Provider"), [(name, NAMES.get(name, name)) for name in sorted(PROVIDERS)])
    label = text(
        gettext_lazy("Label"),
        help_text=gettext_lazy("The name by which you know it. Several keys are numbered: main 1, main 2."),
    )
    secrets = forms.CharField(
        label=gettext_lazy("Keys"),
        help_text=gettext_lazy(
            "One a line. A label of its own may stand before a key: “main 1, AQ.…”. Nobody can read them here later."
        ),
        widget=Unechoed,
    )
    account = text(
        gettext_lazy("Account"),
        required=False,
        help_text=gettext_lazy("Keys that share money share this name."),
    )
    proxy = choice(gettext_lazy("Proxy"), _proxies, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        try:
            data["given"] = read_pasted(data.get("secrets", ""), data.get("label", ""))
        except Unreadable as fact:
            raise ValidationError(_("Line %(number)d has no key.") % {"number": fact.number}) from None
        return data


class ChangeKeyForm(ActForm):
    label = text(gettext_lazy("Label"))
    account = text(
        gettext_lazy("Account"),
        required=False,
        help_text=gettext_lazy("Keys that share money share this name."),
    )
    proxy = choice(gettext_lazy("Proxy"), _proxies, required=False)
    max_in_flight = number(
        gettext_lazy("Pictures at once"),
        gettext_lazy("How many it draws at a time, at most. Empty: no limit."),
    )
    max_per_minute = number(
        gettext_lazy("Pictures a minute"),
        gettext_lazy("How many it begins in a minute, at most. Empty: no limit."),
    )
    low_balance = forms.DecimalField(
        label=gettext_lazy("Tell me at"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        help_text=gettext_lazy("A balance in USD, from which down you get an alert. Empty: never."),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        [key] = kwargs["targets"]
        low = key.low_balance_microusd
        kwargs["initial"] = {
            "label": key.label,
            "account": key.account,
            "proxy": key.proxy.name if key.proxy else "",
            "max_in_flight": key.max_in_flight,
            "max_per_minute": key.max_per_minute,
            "low_balance": None if low is None else f"{low / MICRO:.2f}",
        }
        super().__init__(*args, **kwargs)


class FewForm(ActForm):
    """For acts that call the provider for each key."""

    most = TESTED_AT_ONCE

    def clean(self) -> None:
        if len(self.targets) > self.most:
            raise ValidationError(_("At most %(most)d at a time.") % {"most": self.most})


class FewDrawnForm(FewForm):
    most = DRAWN_AT_ONCE


class DisableForm(ReasonForm):
    """Asks for the label of the last healthy key, if none other would be left."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_service = [one for one in queries.keys(timezone.now()) if one.status == "active"]
        ids = {target.pk for target in self.targets}
        hit = [one.label for one in in_service if one.id in ids]
        if hit and len(hit) == len(in_service):
            self.fields["typed"] = text(
                _("To go on, type %(label)s") % {"label": hit[-1]},
                help_text=_("No other key is in service: without it nobody gets a picture."),
            )
        self.last = hit[-1] if hit else ""

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed != self.last:
            raise ValidationError(_("This is not its label."))
        return typed


class AddProxyForm(ActForm):
    name = text(gettext_lazy("Name"))
    url = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "http://, https:// or socks5://, as in socks5://user:password@proxy.example.com:1080. "
            "Nobody can read its password here later."
        ),
        widget=Unechoed(rows=2),
    )
    is_required = forms.BooleanField(
        label=gettext_lazy("Required"),
        required=False,
        help_text=gettext_lazy("Its keys never go out without it."),
        widget=UnfoldBooleanSwitchWidget,
    )


class RenameForm(ActForm):
    name = text(gettext_lazy("Name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        [proxy] = kwargs["targets"]
        super().__init__(*args, **{**kwargs, "initial": {"name": proxy.name}})


class ReplaceForm(ReasonForm):
    url = AddProxyForm.base_fields["url"]
    untested = forms.BooleanField(
        label=gettext_lazy("Replace it even if no provider is reached by it"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    field_order = ("url", "untested", "reason")
