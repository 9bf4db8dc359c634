"""The words of the mails about accounts, by allauth's names for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from nproxy.notifications.rules import Button, Letter


def address(name: str, *args: str) -> str:
    """The full address of a page, from our settings: a request's Host header is its sender's to choose."""
    return settings.NPROXY_BASE_URL.rstrip("/") + reverse(name, args=args)


def confirm(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Confirm your e-mail address"),
        lines=(_("Someone, most likely you, wants to use this address at nproxy."),),
        button=Button(_("Confirm the address"), context["activate_url"]),
        notes=(
            _("The link works for three days."),
            _("If this was not you, do nothing: without the confirmation nobody gets in."),
        ),
    )


def known(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("You have an account already"),
        lines=(
            _(
                "Someone, most likely you, tried to register this address at nproxy. It has an account already."
            ),
            _("Log in as before. If the password is lost, ask for a new one on the same page."),
        ),
        button=Button(_("Log in"), address("account_login")),
        notes=(_("If this was not you, do nothing. Nothing was changed."),),
    )


def reset(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Choose a new password"),
        lines=(_("Someone, most likely you, asked for a new password at nproxy."),),
        button=Button(_("Choose a new password"), context["password_reset_url"]),
        notes=(
            _("The link works once, and for two hours."),
            _("If this was not you, do nothing: your password stays as it is."),
        ),
    )


def unknown(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("There is no account with this address"),
        lines=(
            _("Someone, most likely you, asked for a new password at nproxy. This address has no account."),
            _("You may have registered with another one."),
        ),
        button=Button(_("Register"), address("account_signup")),
        notes=(_("If this was not you, do nothing."),),
    )


def changed(context: dict[str, Any]) -> Letter:
    moment = date_format(context["timestamp"], "j E Y, H:i e")
    return Letter(
        subject=_("Your password was changed"),
        lines=(
            _("The password of your nproxy account was changed on %(moment)s, from %(ip)s.")
            % {"moment": moment, "ip": context["ip"]},
            _("Every other device was logged out."),
        ),
        button=Button(_("This was not me"), address("account_reset_password")),
        notes=(_("If this was you, there is nothing to do."),),
    )


def second_factor(what: str) -> Callable[[dict[str, Any]], Letter]:
    """A letter about a change of the second factor: `what` happened."""

    def letter(context: dict[str, Any]) -> Letter:
        moment = date_format(context["timestamp"], "j E Y, H:i e")
        return Letter(
            subject=_("Your second factor was changed"),
            lines=(
                _(what),
                _("It was done on %(moment)s, from %(ip)s.") % {"moment": moment, "ip": context["ip"]},
            ),
            button=Button(_("This was not me"), address("account_reset_password")),
            notes=(_("If this was you, there is nothing to do."),),
        )

    return letter


LETTERS: dict[str, Callable[[dict[str, Any]], Letter]] = {
    "email_confirmation_signup": confirm,
    "email_confirmation": confirm,
    "account_already_exists": known,
    "password_reset_key": reset,
    "unknown_account": unknown,
    "password_changed": changed,
    "password_reset": changed,
    "totp_activated": second_factor(
        gettext_noop("Your nproxy account asks for a second factor from now on.")
    ),
    "totp_deactivated": second_factor(
        gettext_noop("Your nproxy account asks for no second factor any more.")
    ),
    "recovery_codes_generated": second_factor(
        gettext_noop(
            "New recovery codes were made for your nproxy account; the old ones do not work any more."
        )
    ),
}
